import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useMe } from '../../api/session.ts';
import { readStored, writeStored } from '../../stored.ts';
import { toast } from '../../ui/toast.tsx';
import { castVote, readVotes } from './comparison-api.ts';
import type { Result, VoteList } from './comparison.ts';

export type OwnVote = VoteList['data'][number];

export interface Voting {
  votes: VoteList | undefined;
  /** The member's own votes, by prompt. */
  own: ReadonlyMap<string, OwnVote>;
  /** Whether the member may know who gave which answer: voted on all that was answered, or revealed before. */
  revealed: boolean;
  reveal: () => void;
  /** Votes for a contestant, for a tie, or for none. */
  vote: (promptId: string, verdict: OwnVote['verdict'], contestantId: string | null) => void;
  busy: boolean;
}

const storedName = 'compare.revealed';
const mostRemembered = 50;

function revealedIds(): string[] {
  return (readStored(storedName) ?? '').split(' ').filter(Boolean);
}

/** The votes on a comparison. A vote after the reveal is not a blind one. */
export function useVoting(result: Result | null): Voting {
  const me = useMe();
  const client = useQueryClient();
  const [opened, setOpened] = useState(revealedIds);
  const id = result?.id ?? null;
  const query = useQuery({
    queryKey: ['comparison-votes', id],
    queryFn: () => readVotes(id ?? ''),
    enabled: id !== null,
  });
  const cast = useMutation({
    mutationFn: (vote: Parameters<typeof castVote>[1]) => castVote(id ?? '', vote),
    onSuccess: () => client.invalidateQueries({ queryKey: ['comparison-votes', id] }),
    onError: (error) => toast({ title: 'The vote was not kept', description: error.message, tone: 'danger' }),
  });
  const own = new Map(
    (query.data?.data ?? [])
      .filter(({ created_by: voter }) => voter === me.user.id)
      .map((vote) => [vote.prompt_id, vote]),
  );
  const prompts = (result?.prompts ?? []).filter(({ id: promptId }) =>
    result?.answers.some((answer) => answer.prompt_id === promptId),
  );
  const revealed =
    result === null ||
    !result.blind ||
    (id !== null && opened.includes(id)) ||
    (prompts.length > 0 && prompts.every((prompt) => own.has(prompt.id)));
  return {
    votes: query.data,
    own,
    revealed,
    reveal: () => {
      if (id === null) return;
      const ids = [...revealedIds(), id].slice(-mostRemembered);
      writeStored(storedName, ids.join(' '));
      setOpened(ids);
    },
    vote: (promptId, verdict, contestantId) => {
      if (id === null || cast.isPending) return;
      cast.mutate({ prompt_id: promptId, verdict, contestant_id: contestantId, blind: !revealed });
    },
    busy: cast.isPending,
  };
}
