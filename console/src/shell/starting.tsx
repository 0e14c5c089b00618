import { LogoIcon } from '../ui/icons.tsx';

/** The first moment, while it is asked who is signed in. */
export function Starting() {
  return (
    <div className="flex h-full items-center justify-center" role="status" aria-label="Loading">
      <LogoIcon className="size-8 animate-pulse text-accent" />
    </div>
  );
}
