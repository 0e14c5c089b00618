import { bucketsOf, completionsUsageSchema, costsSchema, usageSummarySchema } from './answers.ts';
import type { Operations } from './operation.ts';

const buckets = {
  start_time: 'Unix seconds',
  end_time: 'Unix seconds; before this',
  limit: 'At most so many buckets; fewer where they have some 5,000 results',
  page: 'The `next_page` of the page before',
  'project_ids[]': 'Of these projects only',
  'api_key_ids[]': 'Of these keys only',
};

/** What was used, and what it cost. */
export const usageOperations: Operations = {
  '/v1/organization/usage/completions': {
    get: {
      operationId: 'usage-completions',
      summary: 'Sum the usage by minute, hour or day',
      query: {
        ...buckets,
        bucket_width: '`1m`, `1h` or `1d`',
        'models[]': 'Of these models only',
        'user_ids[]': 'Of what these users did in the console only, not by keys',
        'group_by[]': '`project_id`, `api_key_id`, `model`, `user_id`, `batch`, `service_tier`',
      },
      answer: bucketsOf(completionsUsageSchema),
    },
  },
  '/v1/organization/usage/summary': {
    get: {
      operationId: 'usage-summary',
      summary:
        'Sum the usage and its costs over days: in all, by group with the largest first, and by day (an extension)',
      query: {
        start_time: buckets.start_time,
        end_time: 'Unix seconds; before this. Now, if left out. At most 366 days',
        'project_ids[]': buckets['project_ids[]'],
        'api_key_ids[]': buckets['api_key_ids[]'],
        'models[]': 'Of these models only',
        'user_ids[]': 'Of what these users did in the console only, not by keys',
        group_by: '`project_id`, `api_key_id`, `model` or `user_id`',
        order_by: '`amount_usd` (if left out), `machine_usd`, `tokens` or `num_model_requests`',
        days_of: 'Tell the days too, and those of so many of the largest groups: up to 20',
        limit: 'At most so many groups: up to 1000, 50 if left out',
        page: 'The `next_page` of the page before',
      },
      answer: usageSummarySchema,
    },
  },
  '/v1/organization/costs': {
    get: {
      operationId: 'usage-costs',
      summary: 'Sum the costs by day',
      query: {
        ...buckets,
        bucket_width: '`1d`',
        'models[]': 'Of these models only (an extension)',
        'group_by[]': '`project_id`, `api_key_id`, `line_item`',
      },
      answer: bucketsOf(costsSchema),
    },
  },
};
