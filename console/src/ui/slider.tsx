import type { ComponentProps } from 'react';
import { cx } from './class-names.ts';

/** A number in a range. The browser's own control: arrow keys, touch and screen readers work everywhere. */
export function Slider({ className, ...rest }: Omit<ComponentProps<'input'>, 'type'>) {
  return (
    <input type="range" className={cx('h-5 w-full cursor-pointer accent-(--accent)', className)} {...rest} />
  );
}
