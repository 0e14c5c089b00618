import { Fragment } from 'react';

/** An e-mail address, which breaks before its domain, and within a part only where that is too long for a line. */
export function Email({ address }: { address: string }) {
  return (
    <span className="wrap-anywhere">
      {address.split(/(?=@)/).map((part) => (
        <Fragment key={part}>
          <wbr />
          {part}
        </Fragment>
      ))}
    </span>
  );
}
