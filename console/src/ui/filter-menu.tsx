import { Popover as Base } from '@base-ui/react/popover';
import { useState } from 'react';
import { cx } from './class-names.ts';
import { ChevronDownIcon } from './icons.tsx';

export interface FilterMenuProps {
  /** What is filtered: "Model". */
  label: string;
  /** Many of it: "models". */
  plural: string;
  options: readonly { value: string; label: string }[];
  /** Empty for all. */
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
  /** The options are about to be needed, or may be: load them. */
  onWanted?: () => void;
  /** Whether they are on their way. */
  pending?: boolean;
}

const box = 'size-4 shrink-0 accent-(--accent)';

/** Any of several values; none chosen means all. With a search where they are many. */
export function FilterMenu({
  label,
  plural,
  options,
  chosen,
  onChange,
  onWanted,
  pending = false,
}: FilterMenuProps) {
  const [typed, setTyped] = useState('');
  const [only] = chosen;
  const said =
    only === undefined
      ? `All ${plural}`
      : chosen.length === 1
        ? (options.find(({ value }) => value === only)?.label ?? only)
        : `${chosen.length} ${plural}`;
  const found = options.filter((option) => option.label.toLowerCase().includes(typed.trim().toLowerCase()));
  return (
    <Base.Root onOpenChange={() => setTyped('')}>
      <Base.Trigger
        className={cx(
          'inline-flex h-8 max-w-56 min-w-0 items-center gap-1.5 rounded-lg border px-2.5 text-xs hover:bg-hover',
          chosen.length > 0
            ? 'border-accent/60 bg-accent-soft text-accent'
            : 'border-line-strong/60 bg-surface hover:border-line-strong',
        )}
        aria-label={`${label}: ${said}`}
        onPointerEnter={onWanted}
        onFocus={onWanted}
      >
        <span className="truncate">{said}</span>
        <ChevronDownIcon className="size-3.5" />
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner sideOffset={4} align="start" className="z-50">
          <Base.Popup
            aria-label={label}
            className="popup flex max-h-[min(24rem,var(--available-height))] w-64 max-w-[92vw] flex-col p-1 data-ending-style:opacity-0 data-starting-style:opacity-0"
          >
            {options.length > 8 && (
              <input
                type="search"
                aria-label={`Find ${plural}`}
                placeholder={`Find ${plural}`}
                value={typed}
                onChange={(event) => setTyped(event.target.value)}
                className="m-1 mb-1.5 h-8 shrink-0 rounded-md border bg-surface px-2 text-sm outline-offset-0 placeholder:text-muted"
              />
            )}
            <div className="min-h-0 overflow-y-auto">
              {found.slice(0, 100).map(({ value, label: name }) => (
                <label
                  key={value}
                  className="flex min-h-8 cursor-pointer items-center gap-2 rounded-md px-2 text-sm hover:bg-hover"
                >
                  <input
                    type="checkbox"
                    className={box}
                    checked={chosen.includes(value)}
                    onChange={(event) =>
                      onChange(
                        event.target.checked ? [...chosen, value] : chosen.filter((each) => each !== value),
                      )
                    }
                  />
                  <span className="min-w-0 truncate">{name}</span>
                </label>
              ))}
              {found.length === 0 && (
                <p role="status" className="px-2 py-3 text-center text-xs text-muted">
                  {pending ? 'Loading …' : 'Nothing is called that.'}
                </p>
              )}
            </div>
            {chosen.length > 0 && (
              <button
                type="button"
                onClick={() => onChange([])}
                className="mt-1 h-8 shrink-0 rounded-md border-t px-2 text-left text-xs text-muted hover:bg-hover hover:text-ink"
              >
                Show all {plural}
              </button>
            )}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
