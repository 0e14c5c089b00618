import { useEffect, useRef, useState } from 'react';
import type { ClipboardEvent, DragEvent, KeyboardEvent } from 'react';
import type { Model } from '../../api/models.ts';
import { readStored, writeStored } from '../../stored.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { cx } from '../../ui/class-names.ts';
import { CloseIcon, ImageIcon, SendIcon, StopIcon } from '../../ui/icons.tsx';
import { Kbd } from '../../ui/kbd.tsx';
import { toast } from '../../ui/toast.tsx';
import { imageTypes, readImages } from './attachments.ts';
import { contentOf, type Message } from './conversation-tree.ts';

export interface ComposerProps {
  model: Model | null;
  /** Why nothing can be asked; null when it can. */
  refusal: string | null;
  busy: boolean;
  onSend: (content: Message['content']) => void;
  onStop: () => void;
}

const draft = 'playground.draft';

/** Where one writes. ⌘⏎ sends, Esc stops; what is written survives a reload. */
export function Composer({ model, refusal, busy, onSend, onStop }: ComposerProps) {
  const [text, setText] = useState(() => readStored(draft) ?? '');
  const [images, setImages] = useState<string[]>([]);
  const [over, setOver] = useState(false);
  /** An image was pasted, dropped or asked for where the model takes none: said until something is written. */
  const [refused, setRefused] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const takesImages = model?.capabilities.image_input === true;
  const noImages = `${model?.title ?? 'This model'} reads text alone. Models shows which take images.`;
  const canSend = refusal === null && !busy && (text.trim() !== '' || images.length > 0);

  useEffect(() => field.current?.focus(), []);
  useEffect(() => writeStored(draft, text === '' ? null : text), [text]);

  const send = () => {
    if (!canSend) return;
    onSend(contentOf(text.trim(), images));
    setText('');
    setImages([]);
  };
  const attach = (files: readonly File[]) => {
    if (files.length === 0) return;
    setRefused(!takesImages);
    if (!takesImages) return;
    readImages(files, images.length).then(
      (more) => setImages((before) => [...before, ...more]),
      (error: unknown) =>
        toast({
          title: files.length === 1 ? 'The image was not attached' : 'The images were not attached',
          description: error instanceof Error ? error.message : '',
          tone: 'danger',
        }),
    );
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const sends = event.key === 'Enter' && (event.metaKey || event.ctrlKey || !event.shiftKey);
    if (!sends) return;
    event.preventDefault();
    send();
  };
  const onPaste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files].filter(({ type }) => type.startsWith('image/'));
    if (files.length === 0) return;
    event.preventDefault();
    attach(files);
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    attach([...event.dataTransfer.files].filter(({ type }) => type.startsWith('image/')));
  };

  return (
    // As wide as what scrolls above it, so that both stand in one line.
    <div className="shrink-0 overflow-hidden [scrollbar-gutter:stable]">
      <div className="mx-auto w-full max-w-3xl px-3 pt-1 pb-3 sm:px-6 sm:pb-5">
        <div
          onDragOver={(event) => {
            event.preventDefault();
            setOver(event.dataTransfer.types.includes('Files'));
          }}
          onDragLeave={() => setOver(false)}
          onDrop={onDrop}
          className={cx(
            'flex flex-col rounded-xl border shadow-sm focus-within:border-accent',
            over ? 'border-dashed' : 'border-line-strong/60 bg-surface',
            over && (takesImages ? 'border-accent bg-accent-soft' : 'border-line-strong! bg-sunken'),
          )}
        >
          {images.length > 0 && (
            <ul className="flex flex-wrap gap-3 px-3 pt-3">
              {images.map((url, index) => (
                <li key={url} className="relative">
                  <img src={url} alt={`Attachment ${index + 1}`} className="h-16 rounded-md border" />
                  <button
                    type="button"
                    aria-label={`Remove attachment ${index + 1}`}
                    onClick={() => setImages(images.filter((each) => each !== url))}
                    className="absolute -top-2 -right-2 inline-flex size-6 items-center justify-center rounded-full border bg-surface"
                  >
                    <CloseIcon className="size-3" />
                  </button>
                </li>
              ))}
            </ul>
          )}
          <textarea
            ref={field}
            aria-label="Message"
            placeholder={over && takesImages ? 'Drop to attach' : (refusal ?? 'Ask something')}
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              setRefused(false);
            }}
            onKeyDown={onKeyDown}
            onPaste={onPaste}
            rows={1}
            className="field-sizing-content max-h-[40dvh] min-h-11 resize-none bg-transparent px-4 pt-3 pb-1 text-base outline-none placeholder:text-muted"
          />
          {!takesImages && (over || refused) && (
            <p role="status" className="px-4 pt-1 pb-1.5 text-xs text-muted">
              {noImages}
            </p>
          )}
          <div className="flex items-center gap-2 px-2 pb-2">
            <IconButton
              label={takesImages ? 'Attach an image' : `Images: ${noImages}`}
              aria-disabled={!takesImages}
              className="aria-disabled:opacity-50"
              onClick={() => {
                if (takesImages) picker.current?.click();
                // Touch has no hover, and no cursor that tells.
                else setRefused(true);
              }}
            >
              <ImageIcon />
            </IconButton>
            <input
              ref={picker}
              type="file"
              accept={imageTypes.join(',')}
              multiple
              hidden
              aria-label="Images"
              onChange={(event) => {
                attach([...(event.target.files ?? [])]);
                event.target.value = '';
              }}
            />
            <span className="flex-1" />
            <span className="hidden text-xs text-muted sm:inline pointer-coarse:hidden">
              {busy ? (
                <>
                  <Kbd keys="Esc" /> stops
                </>
              ) : (
                <>
                  <Kbd keys="⏎" /> sends · <Kbd keys="⇧ ⏎" /> new line
                </>
              )}
            </span>
            {busy ? (
              <Button variant="primary" onClick={onStop}>
                <StopIcon className="size-3.5" />
                Stop
              </Button>
            ) : (
              <Button
                variant="primary"
                onClick={send}
                disabled={!canSend}
                aria-keyshortcuts="Meta+Enter Control+Enter"
              >
                <SendIcon className="size-4" />
                Send
              </Button>
            )}
          </div>
        </div>
      </div>
    </div>
  );
}
