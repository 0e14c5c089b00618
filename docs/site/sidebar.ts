/** The pages, in the order in which a reader needs them. A test compares this list with the pages that there are. */
export const sidebar = [
  { label: 'Start', items: ['index', 'quickstart'] },
  {
    label: 'Reference',
    items: [
      { label: 'API', items: [{ autogenerate: { directory: 'reference/api' } }] },
      'reference/errors',
      'reference/compatibility',
      'reference/cli',
      'reference/configuration',
    ],
  },
];
