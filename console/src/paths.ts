/** Every path of the console that is a page. The server answers these, and what lies below them, with the console. */
export const pagePaths = [
  '/playground',
  '/compare',
  '/models',
  '/usage',
  '/logs',
  '/keys',
  '/projects',
  '/members',
  '/limits',
  '/admin-keys',
  '/audit',
  '/sign-in',
  '/welcome',
  '/invite',
] as const;
