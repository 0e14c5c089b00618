import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '../../api/client.ts';
import { fieldError, formError } from '../../api/failure.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { Field } from '../../ui/input.tsx';
import { keyReady } from '../../ui/key-ready.ts';
import { NameField } from '../../ui/name-field.tsx';
import { Secret } from '../../ui/secret.tsx';
import { Select } from '../../ui/select.tsx';
import { Snippet } from '../../ui/snippet.tsx';
import { adminKeysQuery } from '../../api/organization.ts';

const lifetimes = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
  { value: 'never', label: 'Until it is revoked' },
] as const;
type Lifetime = (typeof lifetimes)[number]['value'];

const daySeconds = 86_400;

/** A name and how long it works; then the key, once. */
export function MakeAdminKeyDialog({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [lifetime, setLifetime] = useState<Lifetime>('90');
  const make = useMutation({
    mutationFn: () =>
      read(
        api.POST('/v1/organization/admin_api_keys', {
          body: {
            name: name.trim(),
            ...(lifetime !== 'never' && { expires_in_seconds: Number(lifetime) * daySeconds }),
          },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: adminKeysQuery.queryKey }),
  });
  return (
    <FormDialog
      title="Make an admin key"
      description="For programs that administer: whoever has it can do all that an owner can, except ask models."
      action="Make admin key"
      busy={make.isPending}
      error={formError(make.error, 'name')}
      onSubmit={() => make.mutate()}
      onClose={onClose}
      result={
        make.data &&
        keyReady(
          make.data.name,
          <div className="flex flex-col gap-5">
            <Secret value={make.data.value} copyLabel="Copy key" testId="new-admin-key" />
            <div>
              <p className="mb-1 text-sm font-medium">Try it</p>
              <Snippet text={sample(make.data.value)} label="curl command" />
            </div>
          </div>,
        )
      }
    >
      <NameField
        hint="The program it is for: “terraform”, “billing export”."
        error={fieldError(make.error, 'name')}
        value={name}
        onChange={(value) => {
          setName(value);
          make.reset();
        }}
      />
      <Field label="Works for" hint="A key that ends by itself can’t be forgotten.">
        {(control) => (
          <Select
            {...control}
            className="w-full"
            value={lifetime}
            options={lifetimes}
            onChange={setLifetime}
          />
        )}
      </Field>
    </FormDialog>
  );
}

/** A command that works with the key as it is pasted. */
function sample(key: string): string {
  return `curl ${location.origin}/v1/organization/projects \\
  -H "Authorization: Bearer ${key}"`;
}
