import { Link } from '@tanstack/react-router';
import { buttonClass } from '../ui/button.tsx';
import { EmptyState } from '../ui/states.tsx';

export function NotFound() {
  return (
    <EmptyState
      whole
      title="There is no such page"
      action={
        <Link to="/playground" className={buttonClass('primary')}>
          Open the playground
        </Link>
      }
    >
      The address may be mistyped, or the thing it named is gone.
    </EmptyState>
  );
}
