import { useId } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';

export interface FormDialogProps {
  title: string;
  description?: ReactNode;
  size?: 'small' | 'medium' | 'large';
  /** What the button does: "Make key". */
  action: string;
  /** The action takes something away for good. */
  danger?: boolean;
  busy: boolean;
  /** What went wrong and is said beside no field; null when nothing did. */
  error: string | null;
  onSubmit: () => void;
  onClose: () => void;
  /** The fields. */
  children: ReactNode;
  /** What came of it, where that has to be read before the dialog closes. */
  result?: DialogResult | undefined;
}

export interface DialogResult {
  title: string;
  description: string;
  /** What the button that closes it says. */
  action: string;
  content: ReactNode;
}

/** A few fields and one action; then what came of it, in the same place. */
export function FormDialog({
  title,
  description,
  size = 'small',
  action,
  danger = false,
  busy,
  error,
  onSubmit,
  onClose,
  children,
  result,
}: FormDialogProps) {
  const formId = useId();
  if (result !== undefined)
    return (
      <Dialog
        open
        insistent
        onOpenChange={onClose}
        size="medium"
        title={result.title}
        description={result.description}
        actions={
          <Button variant="primary" onClick={onClose}>
            {result.action}
          </Button>
        }
      >
        {result.content}
      </Dialog>
    );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      size={size}
      title={title}
      description={description}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={formId} variant={danger ? 'danger' : 'primary'} busy={busy}>
            {action}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="flex flex-col gap-4">
        {children}
        {error !== null && (
          <p role="alert" className="text-sm text-danger">
            {error}
          </p>
        )}
      </form>
    </Dialog>
  );
}
