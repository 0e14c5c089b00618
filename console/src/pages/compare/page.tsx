import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { modelsQuery } from '../../api/models.ts';
import { useMe } from '../../api/session.ts';
import { NotOpened } from '../../documents/not-opened.tsx';
import { lazyPart } from '../../lazy-part.tsx';
import { preloadModelText } from '../../markdown/model-text.tsx';
import { Permitted } from '../../shell/permitted.tsx';
import { buttonClass } from '../../ui/button.tsx';
import { CompareIcon } from '../../ui/icons.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../ui/states.tsx';
import { Compare } from './compare.tsx';
import { leaveComparison, useCompareStore } from './open-comparison.ts';

const ComparisonHistory = lazyPart(() => import('./history.tsx'));

/** Models side by side, with the comparison that the address names. */
export default function ComparePage() {
  const navigate = useNavigate();
  const [turn, setTurn] = useState(0);
  useEffect(preloadModelText, []);
  // The address first: what it names would be opened again.
  const begin = async () => {
    await navigate({ to: '/compare' });
    leaveComparison();
    setTurn((count) => count + 1);
  };
  return (
    <Permitted needs={['playground.read', 'playground.write']} what="comparisons">
      <Open key={turn} onNew={() => void begin()} />
    </Permitted>
  );
}

function Open({ onNew }: { onNew: () => void }) {
  const { comparisonId } = useParams({ strict: false });
  const navigate = useNavigate();
  const models = useQuery(modelsQuery);
  const mayBeKept = useMe().can['playground.write'] === true;
  const { store, error, retry } = useCompareStore(comparisonId, models.data, mayBeKept);
  const [historyOpen, setHistoryOpen] = useState(false);

  useEffect(() => {
    store?.whenCreated((id) => {
      void navigate({
        to: '/compare/$comparisonId',
        params: { comparisonId: id },
        replace: true,
        resetScroll: false,
      });
    });
    // It may be saved after the member went elsewhere.
    return () => store?.whenCreated(() => undefined);
  }, [store, navigate]);

  if (error)
    return (
      <>
        <NotOpened
          error={error}
          noun="comparison"
          page="Compare"
          onRetry={retry}
          onNew={onNew}
          onHistory={() => setHistoryOpen(true)}
        />
        {historyOpen && (
          <ComparisonHistory onClose={() => setHistoryOpen(false)} onDeleted={() => undefined} />
        )}
      </>
    );
  if (models.isError && models.data === undefined)
    return <ErrorState error={models.error} onRetry={() => void models.refetch()} />;
  if (models.data?.length === 0 && comparisonId === undefined)
    return (
      <EmptyState
        whole
        icon={<CompareIcon className="size-6" />}
        title="No models to compare yet"
        action={
          <Link to="/models" className={buttonClass('primary')}>
            Open Models
          </Link>
        }
      >
        Pull a model or connect an engine there, then compare it here.
      </EmptyState>
    );
  if (store === null || models.data === undefined) return <Loading />;
  return <Compare store={store} models={models.data} onNew={onNew} />;
}

function Loading() {
  return (
    <div role="status" aria-label="Loading" className="flex flex-col gap-4 px-4 py-8 sm:px-8">
      <Skeleton className="h-7 w-40" />
      <Skeleton className="h-56 rounded-xl" />
      <Skeleton className="h-80 rounded-xl" />
    </div>
  );
}
