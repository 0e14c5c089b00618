import type { OrganizationModel } from '../../api/organization.ts';
import { Badge } from '../../ui/badge.tsx';

type Tone = 'success' | 'warning' | 'danger' | 'neutral';

const models: Record<OrganizationModel['status'], [string, Tone]> = {
  ready: ['Ready', 'success'],
  starting: ['Starting', 'neutral'],
  stand_in: ['Stand-in', 'warning'],
  unavailable: ['Unavailable', 'danger'],
  not_installed: ['Not installed', 'neutral'],
};

const deployments: Record<OrganizationModel['deployments'][number]['state'], [string, Tone]> = {
  ready: ['Ready', 'success'],
  starting: ['Starting', 'neutral'],
  restarting: ['Restarting', 'warning'],
  failed: ['Failed', 'danger'],
  stopped: ['Stopped', 'neutral'],
};

export function ModelStatus({ status }: { status: OrganizationModel['status'] }) {
  const [label, tone] = models[status];
  return <Badge tone={tone}>{label}</Badge>;
}

export function DeploymentState({ state }: { state: keyof typeof deployments }) {
  const [label, tone] = deployments[state];
  return <Badge tone={tone}>{label}</Badge>;
}
