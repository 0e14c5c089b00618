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

/** How a model is; an engine that ended is told from one that was just started. */
export function ModelStatus({ model }: { model: Pick<OrganizationModel, 'status' | 'deployments'> }) {
  const restarts =
    model.status === 'starting' && model.deployments.some(({ state }) => state === 'restarting');
  const [label, tone] = restarts ? deployments.restarting : models[model.status];
  return <Badge tone={tone}>{label}</Badge>;
}

export function DeploymentState({ state }: { state: keyof typeof deployments }) {
  const [label, tone] = deployments[state];
  return <Badge tone={tone}>{label}</Badge>;
}
