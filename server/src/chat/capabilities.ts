import type { ChatRequest } from '@weai/protocol/chat-request';
import { ApiError } from '@weai/protocol/errors';
import type { Deployment } from '../engines/deployment.ts';
import { unsupportedBy } from '../engines/kinds.ts';
import type { ResolvedModel } from '../models/registry.ts';

/**
 * The deployments of a model that can honour the request.
 * @throws ApiError naming what asks too much, when there is none that can; engine_unavailable when there is none at all.
 */
export function capableDeployments(resolved: ResolvedModel, request: ChatRequest): readonly Deployment[] {
  const { deployments } = resolved;
  let refusal: ApiError | null = null;
  const capable: Deployment[] = [];
  for (const deployment of deployments) {
    const reason = missingCapability(deployment, request) ?? unsupportedBy(deployment, request);
    if (reason === null) capable.push(deployment);
    else refusal ??= reason;
  }
  if (capable.length > 0) return capable;
  if (refusal !== null) throw refusal;
  throw new ApiError('engine_unavailable', `No engine serves '${resolved.modelId}' now. Try again shortly.`, {
    retryAfterSeconds: 1,
  });
}

function missingCapability(deployment: Deployment, request: ChatRequest): ApiError | null {
  const { capabilities, modelId } = deployment;
  if (!capabilities.imageInput) {
    const path = firstImage(request);
    if (path !== null) return refusal('unsupported_value', path, `'${modelId}' takes text only, no images.`);
  }
  if (!capabilities.tools && request.tools) {
    return refusal('unsupported_parameter', 'tools', `'${modelId}' can't call tools.`);
  }
  const format = request.response_format?.type ?? 'text';
  if (!capabilities.structuredOutput && format !== 'text') {
    return refusal('unsupported_value', 'response_format', `'${modelId}' can't be held to a format.`);
  }
  if (!capabilities.logprobs && request.logprobs) {
    return refusal('unsupported_parameter', 'logprobs', `'${modelId}' doesn't report log probabilities.`);
  }
  return null;
}

function firstImage(request: ChatRequest): string | null {
  for (const [at, { content }] of request.messages.entries()) {
    if (!Array.isArray(content)) continue;
    const part = content.findIndex(({ type }) => type === 'image_url');
    if (part !== -1) return `messages.${at}.content.${part}`;
  }
  return null;
}

function refusal(code: 'unsupported_value' | 'unsupported_parameter', param: string, why: string): ApiError {
  return new ApiError(code, `Unsupported: '${param}'. ${why}`, { param });
}
