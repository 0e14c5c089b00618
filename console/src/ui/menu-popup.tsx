import { Menu as Base } from '@base-ui/react/menu';
import { cx } from './class-names.ts';
import { CheckIcon } from './icons.tsx';
import type { MenuChoiceProps, MenuItemProps, MenuProps } from './menu.tsx';

/** A menu that opens. Begins open: it takes the place of a button that was pressed. */
export function MenuPopup({ trigger, children, align = 'end', side = 'bottom' }: MenuProps) {
  return (
    <Base.Root modal={false} defaultOpen>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={4} align={align} side={side} className="z-50">
          <Base.Popup className="popup max-h-(--available-height) min-w-44 max-w-80 overflow-y-auto p-1 outline-none data-ending-style:opacity-0 data-starting-style:opacity-0">
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

const itemClass =
  'flex w-full cursor-pointer items-center gap-2 rounded-md px-2 py-1.5 text-left text-sm outline-none select-none ' +
  'data-disabled:cursor-default data-disabled:opacity-50 data-highlighted:bg-hover';

export function MenuPopupItem({
  icon,
  aside,
  danger = false,
  disabled = false,
  onClick,
  children,
}: MenuItemProps) {
  return (
    <Base.Item disabled={disabled} onClick={onClick} className={cx(itemClass, danger && 'text-danger')}>
      {icon}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {aside}
    </Base.Item>
  );
}

/** One of several values, inside a menu. */
export function MenuPopupChoice<Value extends string>({
  label,
  value,
  options,
  onChange,
}: MenuChoiceProps<Value>) {
  return (
    <Base.Group>
      <Base.GroupLabel className="px-2 pt-1.5 pb-1 text-xs text-muted">{label}</Base.GroupLabel>
      <Base.RadioGroup value={value} onValueChange={onChange}>
        {options.map((option) => (
          <Base.RadioItem key={option.value} value={option.value} className={itemClass} closeOnClick>
            {option.icon}
            <span className="min-w-0 flex-1 truncate">{option.label}</span>
            <Base.RadioItemIndicator>
              <CheckIcon className="size-3.5 text-accent" />
            </Base.RadioItemIndicator>
          </Base.RadioItem>
        ))}
      </Base.RadioGroup>
    </Base.Group>
  );
}

export function MenuPopupSeparator() {
  return <Base.Separator className="my-1 h-px bg-line" />;
}
