import { cx } from './class-names.ts';

const isApple = /mac|iphone|ipad/i.test(navigator.userAgent);

/** "⌘" where keyboards have it, "Ctrl" elsewhere. */
export const modifierName = isApple ? '⌘' : 'Ctrl';

/** A key to press, where there are keys; `mod` stands for ⌘ or Ctrl. */
export function Kbd({ keys, className }: { keys: string; className?: string }) {
  return (
    <kbd
      className={cx(
        'rounded border bg-sunken pointer-coarse:hidden px-1 py-px font-sans text-2xs font-medium whitespace-nowrap text-muted',
        className,
      )}
    >
      {keys.replace('mod', modifierName)}
    </kbd>
  );
}
