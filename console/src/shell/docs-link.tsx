import { cx } from '../ui/class-names.ts';
import { DocsIcon, ExternalIcon } from '../ui/icons.tsx';

/** The documentation, which the server has itself. */
export const docsAddress = '/docs';

/** To the documentation, beside the console: what is under way here stays. */
export function DocsLink({ className }: { className: string }) {
  return (
    <a
      href={docsAddress}
      target="_blank"
      rel="noreferrer"
      className={cx('flex items-center rounded-md text-sm hover:bg-hover hover:text-ink', className)}
    >
      <DocsIcon />
      <span className="flex-1">Documentation</span>
      <ExternalIcon className="size-3.5" />
    </a>
  );
}
