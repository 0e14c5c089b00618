import { settings } from '../../server/src/config.ts';
import { code, type Page, plain, table } from './page.ts';

/** Every setting of the server, in the order of `weai start --help`. */
export function settingsPage(): Page {
  const rows = Object.values(settings).map((setting) => {
    const { name, description, default: text } = setting;
    const shown = 'defaultDescription' in setting ? plain(setting.defaultDescription) : null;
    const fallback = shown ?? (text === null ? 'not set' : code(text));
    const secret = 'secret' in setting ? ' A secret: never printed, never logged.' : '';
    return [code(name), fallback, `${plain(description)}.${secret}`];
  });
  return {
    path: 'configuration',
    title: 'Configuration',
    description: 'Every setting of the server, from the environment.',
    body: [
      'The server reads its settings from the environment when it starts. An empty variable counts as not set.',
      'A value that cannot be is refused at start, in one sentence that names the variable.',
      '',
      table(['Variable', 'Default', 'What it sets'], rows),
      '',
      'Models and their engines are declared in `weai.yaml` or connected by command: see `./weai models --help`.',
      'Tracing also takes OpenTelemetry’s own `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_EXPORTER_OTLP_HEADERS`.',
      'The same list, in a terminal: `./weai start --help`.',
    ].join('\n'),
  };
}
