import { Select as Base } from '@base-ui/react/select';
import { CheckIcon, ChevronDownIcon } from './icons.tsx';
import { chevronClass, selectClass, type SelectProps } from './select.tsx';

/** A select that opens. Begins open: it takes the place of a button that was pressed. */
export function SelectPopup<Value extends string>(props: SelectProps<Value>) {
  const {
    label,
    value,
    options,
    onChange,
    disabled = false,
    className,
    size,
    isFiltering,
    ...control
  } = props;
  return (
    <Base.Root
      items={options}
      value={value}
      disabled={disabled}
      modal={false}
      defaultOpen
      onValueChange={(next) => {
        if (next !== null) onChange(next);
      }}
    >
      <Base.Trigger {...control} aria-label={label} className={selectClass({ size, isFiltering, className })}>
        <Base.Value className="truncate" />
        <Base.Icon>
          <ChevronDownIcon className={chevronClass(size)} />
        </Base.Icon>
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner sideOffset={4} align="start" alignItemWithTrigger={false} className="z-50">
          <Base.Popup className="popup max-h-[min(24rem,var(--available-height))] min-w-[max(10rem,var(--anchor-width))] max-w-[min(26rem,var(--available-width))] overflow-y-auto p-1 data-ending-style:opacity-0 data-starting-style:opacity-0">
            {options.map((option) => (
              <Base.Item
                key={option.value}
                value={option.value}
                disabled={option.disabled ?? false}
                className="grid cursor-pointer grid-cols-[1rem_1fr] items-baseline gap-2 rounded-md px-2 py-1.5 text-sm outline-none select-none data-disabled:opacity-50 data-highlighted:bg-hover"
              >
                <Base.ItemIndicator className="col-start-1">
                  <CheckIcon className="size-3.5 translate-y-0.5 text-accent" />
                </Base.ItemIndicator>
                <span className="col-start-2 flex min-w-0 flex-col">
                  <Base.ItemText>{option.label}</Base.ItemText>
                  {option.detail !== undefined && <span className="text-xs text-muted">{option.detail}</span>}
                </span>
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
