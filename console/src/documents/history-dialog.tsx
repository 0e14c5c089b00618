import { keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import type { ReactNode } from 'react';
import { Badge } from '../ui/badge.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { TrashIcon } from '../ui/icons.tsx';
import { Input } from '../ui/input.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../ui/states.tsx';
import { Ago } from '../ui/time.tsx';
import { toast } from '../ui/toast.tsx';

/** A line of the list, as the API gives it. */
export interface ListedDocument {
  id: string;
  title: string;
  updated_at: number;
  visibility: 'private' | 'project';
  can_edit: boolean;
  created_by_name: string | null;
}

export interface HistoryDialogProps<Item extends ListedDocument> {
  onClose: () => void;
  /** What they are called: "conversations". */
  noun: string;
  /** What the search looks into: "titles and texts". */
  searched: string;
  /** How they come here. */
  empty: string;
  /** A page of the list, the last changed first. */
  list: (
    query: string,
    after: string | null,
  ) => Promise<{ data: Item[]; has_more: boolean; next_cursor: string | null }>;
  remove: (id: string) => Promise<void>;
  onRemoved: (id: string) => void;
  /** A link to one, around its line. */
  link: (item: Item, children: ReactNode) => ReactNode;
  /** What tells it from others, beside its title and time. */
  detail: (item: Item) => string;
}

/** Every saved conversation or comparison that one may see, searched on the server. */
export function HistoryDialog<Item extends ListedDocument>(props: HistoryDialogProps<Item>) {
  const { onClose, noun, searched, empty, list, remove, onRemoved, link, detail } = props;
  const [typed, setTyped] = useState('');
  const query = useDeferredValue(typed.trim());
  const client = useQueryClient();
  const found = useInfiniteQuery({
    queryKey: [noun, query],
    queryFn: ({ pageParam }) => list(query, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => (page.has_more ? page.next_cursor : null),
    // What was found stays until there is more of what is typed.
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  const items = found.data?.pages.flatMap((page) => page.data) ?? [];
  const removeItem = ({ id, title }: Item) => {
    remove(id).then(
      () => {
        onRemoved(id);
        void client.invalidateQueries({ queryKey: [noun] });
        toast({ title: `“${title}” was deleted` });
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
    <Dialog open onOpenChange={onClose} title={noun.charAt(0).toUpperCase() + noun.slice(1)} size="medium">
      <Input
        type="search"
        aria-label={`Search ${noun}`}
        placeholder={`Search ${searched}`}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      <div className="mt-3 min-h-72">
        {found.isPending && <SkeletonRows rows={6} />}
        {found.isError && <ErrorState error={found.error} onRetry={() => void found.refetch()} compact />}
        {found.isSuccess && items.length === 0 && (
          <EmptyState title={query === '' ? `No ${noun} yet` : 'Nothing found'}>
            {query === '' ? empty : 'Try other words, or fewer.'}
          </EmptyState>
        )}
        <ul className="-mx-2 flex flex-col" aria-busy={found.isPlaceholderData}>
          {items.map((item) => (
            <li key={item.id} className="flex items-center gap-1 rounded-lg hover:bg-hover">
              <div className="min-w-0 flex-1">
                {link(
                  item,
                  <>
                    <span className="flex items-center gap-2">
                      <span className="truncate text-sm">{item.title}</span>
                      {item.visibility === 'project' && (
                        <Badge tone="accent">
                          {item.can_edit ? 'Shared' : `By ${item.created_by_name ?? 'a former member'}`}
                        </Badge>
                      )}
                    </span>
                    <span className="block truncate text-xs text-muted">
                      <Ago seconds={item.updated_at} /> · {detail(item)}
                    </span>
                  </>,
                )}
              </div>
              {item.can_edit && (
                <IconButton
                  size="small"
                  label={`Delete ${item.title}`}
                  onClick={() => removeItem(item)}
                  className="mr-1"
                >
                  <TrashIcon className="size-3.5" />
                </IconButton>
              )}
            </li>
          ))}
        </ul>
        {found.hasNextPage && !found.isPlaceholderData && (
          <Button
            size="small"
            className="mt-2 w-full"
            busy={found.isFetchingNextPage}
            onClick={() => void found.fetchNextPage()}
          >
            Show more
          </Button>
        )}
      </div>
    </Dialog>
  );
}

/** How a line's link looks. */
export const historyLinkClass = 'block rounded-lg px-2 py-2';
