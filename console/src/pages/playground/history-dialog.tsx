import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useDeferredValue, useState } from 'react';
import { Badge } from '../../ui/badge.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TrashIcon } from '../../ui/icons.tsx';
import { Input } from '../../ui/input.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { toast } from '../../ui/toast.tsx';
import { deleteConversation, listConversations } from './conversation-api.ts';
import { forgetConversation } from './open-conversation.ts';

export interface HistoryDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** The conversation that is shown was deleted. */
  onDeleted: (id: string) => void;
}

const day = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

/** Every saved conversation that one may see, searched by title and text on the server. */
export default function HistoryDialog({ open, onOpenChange, onDeleted }: HistoryDialogProps) {
  const [query, setQuery] = useState('');
  const searched = useDeferredValue(query.trim());
  const client = useQueryClient();
  const list = useInfiniteQuery({
    queryKey: ['conversations', searched],
    queryFn: ({ pageParam }) => listConversations(searched, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => (page.has_more ? page.next_cursor : null),
    staleTime: 0,
  });
  const conversations = list.data?.pages.flatMap((page) => page.data) ?? [];
  const remove = (id: string, title: string) => {
    deleteConversation(id).then(
      () => {
        forgetConversation(id);
        onDeleted(id);
        void client.invalidateQueries({ queryKey: ['conversations'] });
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
    <Dialog open={open} onOpenChange={onOpenChange} title="Conversations" size="medium">
      <Input
        type="search"
        aria-label="Search conversations"
        placeholder="Search titles and texts"
        value={query}
        onChange={(event) => setQuery(event.target.value)}
      />
      <div className="mt-3 min-h-72">
        {list.isPending && <SkeletonRows rows={6} />}
        {list.isError && <ErrorState error={list.error} onRetry={() => void list.refetch()} compact />}
        {list.isSuccess && conversations.length === 0 && (
          <EmptyState title={searched === '' ? 'No conversations yet' : 'Nothing found'}>
            {searched === '' ? 'What you ask is saved here by itself.' : 'Try other words, or fewer.'}
          </EmptyState>
        )}
        <ul className="-mx-2 flex flex-col">
          {conversations.map(({ id, title, updated_at: updatedAt, models, visibility, can_edit: mine }) => (
            <li key={id} className="group/row flex items-center gap-1 rounded-lg hover:bg-hover">
              <Link
                to="/playground/$conversationId"
                params={{ conversationId: id }}
                onClick={() => onOpenChange(false)}
                className="min-w-0 flex-1 rounded-lg px-2 py-2"
              >
                <span className="flex items-center gap-2">
                  <span className="truncate text-sm">{title}</span>
                  {visibility === 'project' && (
                    <Badge tone="accent">{mine ? 'Shared' : 'Shared with you'}</Badge>
                  )}
                </span>
                <span className="block truncate text-xs text-muted tabular">
                  {[day.format(updatedAt * 1000), ...models].join(' · ')}
                </span>
              </Link>
              {mine && (
                <IconButton
                  size="small"
                  label={`Delete ${title}`}
                  onClick={() => remove(id, title)}
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
