import { EmptyState } from '../../ui/states.tsx';
import { Page } from '../../ui/page.tsx';

export default function LimitsPage() {
  return (
    <Page title="Limits">
      <EmptyState title="Not there yet">The API has it already; this page follows.</EmptyState>
    </Page>
  );
}
