/** A sentence of the server, in which commands stand between back-ticks. */
export function Hint({ text }: { text: string }) {
  return text.split('`').map((part, index) =>
    index % 2 === 0 ? (
      part
    ) : (
      <code key={part} className="font-mono text-xs wrap-anywhere text-ink">
        {part}
      </code>
    ),
  );
}
