import { defineConfig } from 'astro/config';
import starlight from '@astrojs/starlight';
import { finishSite } from './site/finish.ts';
import { sidebar } from './site/sidebar.ts';

// https://starlight.astro.build/reference/configuration/
export default defineConfig({
  base: '/docs',
  trailingSlash: 'ignore',
  outDir: process.env.WEAI_DOCS_OUT ?? './dist',
  cacheDir: './.cache',
  build: { inlineStylesheets: 'never', assets: 'assets' },
  integrations: [
    starlight({
      title: 'WeAI',
      description: 'Open-source text models behind an OpenAI-compatible API that your team runs itself.',
      customCss: ['./src/styles/weai.css'],
      sidebar,
      credits: false,
      lastUpdated: false,
      // Without the picture of a window around each command.
      expressiveCode: { themes: ['github-dark', 'github-light'], defaultProps: { frame: 'none' } },
    }),
    finishSite(),
  ],
});
