import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { projectsQuery } from '../../api/organization.ts';
import { useMe } from '../../api/session.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { messagesOf } from './messages.ts';
import type { LoggedRequestDetail } from './queries.ts';

/** What was asked and answered, as plain text; where it isn't kept, how to have it kept. */
export function Content({ request }: { request: LoggedRequestDetail }) {
  if (request.content === null) return <NotKept projectId={request.project_id} />;
  const { messages, settings } = messagesOf(request.content);
  return (
    <div className="flex flex-col gap-3">
      {request.content.truncated && (
        <p className="text-xs text-muted">Long texts and images were cut when they were stored.</p>
      )}
      {messages.map(({ role, text }, index) => (
        <article key={index} className="rounded-lg border">
          <header className="flex items-center justify-between border-b px-3 py-0.5 text-xs text-muted">
            <span>{role}</span>
            <CopyButton text={text} label={`Copy text of ${role}`} />
          </header>
          <p className="max-h-80 overflow-y-auto px-3 py-2 text-sm break-words whitespace-pre-wrap">{text}</p>
        </article>
      ))}
      {settings !== '{}' && (
        <details className="rounded-lg border px-3 py-2 text-xs">
          <summary className="min-h-6 content-center text-muted">Settings of the request</summary>
          <pre className="overflow-x-auto pt-1 font-mono">{settings}</pre>
        </details>
      )}
    </div>
  );
}

function NotKept({ projectId }: { projectId: string }) {
  const { can } = useMe();
  const projects = useQuery({ ...projectsQuery({ archived: true }), enabled: can['projects.read'] === true });
  const project = projects.data?.find(({ id }) => id === projectId);
  if (project?.store_content === true)
    return (
      <p className="text-sm text-muted">
        {project.name} stores content now, but this request was made before, or its{' '}
        {project.content_retention_days} days are over.
      </p>
    );
  return (
    <p className="text-sm text-muted">
      {project?.name ?? 'This project'} doesn’t store what is asked and answered.{' '}
      {can['projects.manage'] === true ? (
        <Link to="/projects" search={{ project: projectId }} className="text-accent underline">
          Turn it on under Projects
        </Link>
      ) : (
        'An owner can turn it on under Projects'
      )}
      ; it holds for requests from then on.
    </p>
  );
}
