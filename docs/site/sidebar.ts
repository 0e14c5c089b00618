/** The pages, in the order in which a reader needs them. A test compares this list with the pages that there are. */
export const sidebar = [
  { label: 'Start', items: ['index', 'quickstart', 'models', 'sdks', 'faq'] },
  {
    label: 'Guides',
    items: ['guides/chat-completions', 'guides/parameters', 'guides/prompt-engineering', 'guides/playground'],
  },
  {
    label: 'Operating',
    items: [
      'operating/install',
      'operating/engines',
      'operating/databases',
      'operating/several-servers',
      'operating/backup',
      'operating/monitoring',
      'operating/security',
      'operating/capacity',
      'administration',
      'sign-in',
    ],
  },
  { label: 'Safety', items: ['safety/guide', 'safety/usage-policies'] },
  {
    label: 'Reference',
    items: [
      { label: 'API', items: [{ autogenerate: { directory: 'reference/api' } }] },
      'reference/errors',
      'reference/roles',
      'reference/compatibility',
      'reference/cli',
      'reference/configuration',
    ],
  },
];
