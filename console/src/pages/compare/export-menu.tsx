import { Button } from '../../ui/button.tsx';
import { DownloadIcon } from '../../ui/icons.tsx';
import { Menu, MenuItem } from '../../ui/menu.tsx';
import type { Result, VoteList } from './comparison.ts';
import { comparisonCsv, comparisonJson, saveFile } from './export.ts';

/** Takes a comparison away as a file. */
export function ExportMenu({ result, votes }: { result: Result; votes: VoteList | undefined }) {
  return (
    <Menu
      trigger={
        <Button>
          <DownloadIcon />
          <span className="max-sm:sr-only">Export</span>
        </Button>
      }
    >
      <MenuItem onClick={() => saveFile('comparison.csv', comparisonCsv(result, votes), 'text/csv')}>
        CSV, a line for each answer
      </MenuItem>
      <MenuItem
        onClick={() => saveFile('comparison.json', comparisonJson(result, votes), 'application/json')}
      >
        JSON, everything
      </MenuItem>
    </Menu>
  );
}
