import { Dialog } from '@base-ui/react/dialog';
import { useEffect, useEffectEvent, useId, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { useSignal } from '../signal.ts';
import { cx } from '../ui/class-names.ts';
import { SearchIcon } from '../ui/icons.tsx';
import { Kbd } from '../ui/kbd.tsx';
import { pageCommands } from './commands.ts';
import type { Command } from './commands.ts';
import type { PaletteOpening } from './palette-opening.ts';

/** Commands that have every typed word somewhere, those that begin with the first one first. */
export function matchingCommands(commands: readonly Command[], typed: string): Command[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...commands];
  const rank = ({ label }: Command) => (label.toLowerCase().startsWith(words[0] ?? '') ? 0 : 1);
  return commands
    .filter(({ label, group, words: more = '' }) => {
      const text = `${label} ${group} ${more}`.toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .toSorted((one, other) => rank(one) - rank(other));
}

export interface PaletteProps {
  opening: PaletteOpening;
  commands: readonly Command[];
}

/** ⌘K: everything that can be done, by typing. */
export default function Palette({ opening, commands }: PaletteProps) {
  const { typed, isEntered, close } = opening;
  const offered = useSignal(pageCommands);
  const [marked, setMarked] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const found = useMemo(() => matchingCommands([...offered, ...commands], typed), [offered, commands, typed]);

  const run = (command: Command | undefined) => {
    if (!command) return;
    close();
    command.run();
  };
  const runTyped = useEffectEvent(() => run(found[0]));
  useEffect(() => {
    if (isEntered) runTyped();
  }, [isEntered]);
  const mark = (index: number) => {
    const next = (index + found.length) % Math.max(1, found.length);
    setMarked(next);
    list.current?.querySelector(`[id="${id}-${next}"]`)?.scrollIntoView({ block: 'nearest' });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, () => void> = {
      ArrowDown: () => mark(marked + 1),
      ArrowUp: () => mark(marked - 1),
      Home: () => mark(0),
      End: () => mark(found.length - 1),
      Enter: () => run(found[marked]),
    };
    const step = steps[event.key];
    if (!step || event.nativeEvent.isComposing) return;
    event.preventDefault();
    step();
  };

  return (
    <Dialog.Root
      open
      onOpenChange={(next) => {
        if (!next) close();
      }}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-50 bg-shade" />
        <Dialog.Popup
          aria-label="Commands"
          className="popup fixed inset-x-3 top-[10dvh] z-50 mx-auto flex max-h-[70dvh] max-w-xl flex-col overflow-hidden"
        >
          <div className="flex items-center gap-3 border-b px-4">
            <SearchIcon className="size-4 text-muted" />
            <input
              role="combobox"
              aria-expanded="true"
              aria-controls={`${id}-list`}
              aria-activedescendant={found.length > 0 ? `${id}-${marked}` : undefined}
              aria-label="Find a page or an action"
              placeholder="Find a page or an action"
              value={typed}
              onFocus={opening.take}
              onChange={(event) => {
                opening.type(event.target.value);
                setMarked(0);
              }}
              onKeyDown={onKeyDown}
              className="h-12 min-w-0 flex-1 bg-transparent text-base outline-none placeholder:text-muted"
            />
            <Kbd keys="Esc" />
          </div>
          <div
            ref={list}
            id={`${id}-list`}
            role="listbox"
            aria-label="Commands"
            className="overflow-y-auto p-1.5"
          >
            {found.map((command, index) => (
              <div
                key={command.id}
                id={`${id}-${index}`}
                role="option"
                tabIndex={-1}
                aria-selected={index === marked}
                onPointerMove={() => setMarked(index)}
                onClick={() => run(command)}
                onKeyDown={onKeyDown}
                className={cx(
                  'flex items-center gap-3 rounded-md px-2.5 py-2 text-sm',
                  index === marked && 'bg-hover',
                )}
              >
                <span className="text-muted">{command.icon}</span>
                <span className="min-w-0 flex-1 truncate">{command.label}</span>
                {command.group !== found[index - 1]?.group && (
                  <span className="text-xs text-muted">{command.group}</span>
                )}
                {command.keys !== undefined && <Kbd keys={command.keys} />}
              </div>
            ))}
          </div>
          {found.length === 0 && (
            <p role="status" className="px-4 pb-6 text-center text-sm text-muted">
              Nothing is called that.
            </p>
          )}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
