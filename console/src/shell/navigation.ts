import type { ComponentType } from 'react';
import type { pagePaths } from '../paths.ts';
import {
  AdminKeyIcon,
  AuditIcon,
  CompareIcon,
  KeyIcon,
  LimitsIcon,
  LogsIcon,
  MembersIcon,
  ModelsIcon,
  PlaygroundIcon,
  ProjectsIcon,
  UsageIcon,
} from '../ui/icons.tsx';
import type { IconProps } from '../ui/icons.tsx';

export interface NavigationItem {
  to: Exclude<(typeof pagePaths)[number], '/sign-in' | '/welcome' | '/invite'>;
  label: string;
  icon: ComponentType<IconProps>;
  /** Actions of `GET /v1/me`, of which one is enough to see it; everybody sees it without. */
  needs?: string[];
}

/** The pages, in the order of the side bar. The first four are the bottom bar of a narrow screen. */
export const navigation: { title: string | null; items: NavigationItem[] }[] = [
  {
    title: null,
    items: [
      { to: '/playground', label: 'Playground', icon: PlaygroundIcon },
      { to: '/compare', label: 'Compare', icon: CompareIcon },
      { to: '/models', label: 'Models', icon: ModelsIcon },
      { to: '/usage', label: 'Usage', icon: UsageIcon, needs: ['usage.read'] },
      { to: '/logs', label: 'Logs', icon: LogsIcon, needs: ['requests.read'] },
      { to: '/keys', label: 'Keys', icon: KeyIcon, needs: ['api_keys.read'] },
    ],
  },
  {
    title: 'Organization',
    items: [
      { to: '/projects', label: 'Projects', icon: ProjectsIcon, needs: ['projects.read'] },
      { to: '/members', label: 'Members', icon: MembersIcon, needs: ['users.read', 'project_users.read'] },
      { to: '/limits', label: 'Limits', icon: LimitsIcon, needs: ['limits.read'] },
      { to: '/admin-keys', label: 'Admin keys', icon: AdminKeyIcon, needs: ['admin_keys.manage'] },
      { to: '/audit', label: 'Audit', icon: AuditIcon, needs: ['audit_logs.read'] },
    ],
  },
];

/** The pages that a member sees. */
export function visibleNavigation(can: Record<string, boolean>): typeof navigation {
  return navigation
    .map(({ title, items }) => ({
      title,
      items: items.filter(({ needs }) => needs === undefined || needs.some((action) => can[action] === true)),
    }))
    .filter(({ items }) => items.length > 0);
}
