import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useDeferredValue, useState } from 'react';
import { Button, IconButton } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TrashIcon } from '../../ui/icons.tsx';
import { Input } from '../../ui/input.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { Ago } from '../../ui/time.tsx';
import { toast } from '../../ui/toast.tsx';
import { deleteComparison, listComparisons } from './comparison-api.ts';

export interface HistoryDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  openId: string | null;
  /** The comparison that is open was deleted. */
  onDeleted: () => void;
}

/** Every kept comparison that one may see, searched on the server. */
export default function HistoryDialog({ open, onOpenChange, openId, onDeleted }: HistoryDialogProps) {
  const [query, setQuery] = useState('');
  const searched = useDeferredValue(query.trim());
  const client = useQueryClient();
  const list = useInfiniteQuery({
    queryKey: ['comparisons', searched],
    queryFn: ({ pageParam }) => listComparisons(searched, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => (page.has_more ? page.next_cursor : null),
    staleTime: 0,
  });
  const comparisons = list.data?.pages.flatMap((page) => page.data) ?? [];
  const remove = (id: string, title: string) => {
    deleteComparison(id).then(
      () => {
        void client.invalidateQueries({ queryKey: ['comparisons'] });
        toast({ title: `“${title}” was deleted` });
        if (id === openId) onDeleted();
        return undefined;
      },
      (error: unknown) =>
        toast({
          title: 'It was not deleted',
          description: error instanceof Error ? error.message : '',
          tone: 'danger',
        }),
    );
  };
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Comparisons" size="medium">
      <Input
        type="search"
        aria-label="Search comparisons"
        placeholder="Search prompts and answers"
        value={query}
        onChange={(event) => setQuery(event.target.value)}
      />
      <div className="mt-3 min-h-72">
        {list.isPending && <SkeletonRows rows={6} />}
        {list.isError && <ErrorState error={list.error} onRetry={() => void list.refetch()} compact />}
        {list.isSuccess && comparisons.length === 0 && (
          <EmptyState title={searched === '' ? 'No comparisons yet' : 'Nothing found'}>
            {searched === '' ? 'What you run is kept here by itself.' : 'Try other words, or fewer.'}
          </EmptyState>
        )}
        <ul className="-mx-2 flex flex-col">
          {comparisons.map((each) => (
            <li key={each.id} className="flex items-center gap-1 rounded-lg hover:bg-hover">
              <Link
                to="/compare/$comparisonId"
                params={{ comparisonId: each.id }}
                onClick={() => onOpenChange(false)}
                className="min-w-0 flex-1 rounded-lg px-2 py-2"
              >
                <span className="block truncate text-sm">{each.title}</span>
                <span className="block truncate text-xs text-muted tabular">
                  <Ago seconds={each.updated_at} /> · {each.contestant_count} contestants ·{' '}
                  {each.models.join(', ')}
                </span>
              </Link>
              {each.can_edit && (
                <IconButton
                  size="small"
                  label={`Delete ${each.title}`}
                  onClick={() => remove(each.id, each.title)}
                  className="mr-1"
                >
                  <TrashIcon className="size-3.5" />
                </IconButton>
              )}
            </li>
          ))}
        </ul>
        {list.hasNextPage && (
          <Button
            size="small"
            className="mt-2 w-full"
            busy={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            Show more
          </Button>
        )}
      </div>
    </Dialog>
  );
}
