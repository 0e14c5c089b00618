/**
 * Each script is one atomic step in Redis, on Redis's own clock. All keys share a hash tag, so that a cluster takes them too.
 * That clock may be moved. What is counted in a time to come, because it was set back, counts as of now. A lease that is over
 * gets one more short one, marked by a fraction in its score: where the clock was set forward, the server that has it renews
 * in that time; of a dead server's nothing is left after it. Set forward by more than a minute, rates begin anew.
 */
const shared = `
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local slot = math.floor(nowMs / 1000)
local slots = 61
local request = cjson.decode(ARGV[1])
local function key(subject, name) return KEYS[1] .. subject .. ':' .. name end
local function whole(number) return string.format('%.0f', number) end
`;

/** Checks a claim against all subjects, and takes it for all of them or for none. */
export const claimScript = `${shared}
local function window(name)
  local entries = redis.call('HGETALL', name)
  local sum, kept = 0, {}
  for index = 1, #entries, 2 do
    local at, amount = tonumber(entries[index]), tonumber(entries[index + 1])
    if at > slot then
      redis.call('HDEL', name, entries[index])
      redis.call('HINCRBY', name, slot, entries[index + 1])
      at = slot
    end
    if at <= slot - slots then redis.call('HDEL', name, entries[index])
    else sum = sum + amount; kept[#kept + 1] = { at, amount } end
  end
  table.sort(kept, function(a, b) return a[1] < b[1] end)
  return { sum = sum, kept = kept }
end
local function waitMs(from, most)
  local sum = from.sum
  for _, entry in ipairs(from.kept) do
    if sum <= most then break end
    sum = sum - entry[2]
    if sum <= most then return (entry[1] + slots) * 1000 - nowMs end
  end
  return 0
end
local missing, states = {}, {}
for _, subject in ipairs(request.subjects) do
  local state = { requests = window(key(subject.key, 'requests')), tokens = window(key(subject.key, 'tokens')) }
  local leases, holds = key(subject.key, 'leases'), key(subject.key, 'holds')
  local over = redis.call('ZRANGEBYSCORE', leases, '-inf', nowMs, 'WITHSCORES')
  for index = 1, #over, 2 do
    if tonumber(over[index + 1]) % 1 == 0 then
      redis.call('ZADD', leases, whole(nowMs + request.graceMs) .. '.5', over[index])
    else
      redis.call('ZREM', leases, over[index])
      redis.call('HDEL', holds, over[index])
    end
  end
  local latest = nowMs + request.leaseMs
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', leases, '(' .. whole(latest), '+inf')) do
    redis.call('ZADD', leases, whole(latest), id)
  end
  state.running, state.held = redis.call('ZCARD', leases), 0
  for _, nanos in ipairs(redis.call('HVALS', holds)) do state.held = state.held + tonumber(nanos) end
  for _, what in ipairs({ 'day', 'month' }) do
    if subject[what] then
      local spent = redis.call('GET', key(subject.key, 'spent:' .. request[what]))
      if spent then state[what] = tonumber(spent)
      else missing[#missing + 1] = { key = subject.key, period = request[what] } end
    end
  end
  states[#states + 1] = state
end
if #missing > 0 then return cjson.encode({ missing = missing }) end

local refusal = nil
local function refuse(subject, what, limit, wait, held)
  refusal = { what = what, subject = subject.kind, limit = limit, waitMs = wait, held = held or false }
end
for index, subject in ipairs(request.subjects) do
  local state = states[index]
  if refusal then break end
  if subject.requests and state.requests.sum >= subject.requests then
    refuse(subject, 'requests', subject.requests, subject.requests > 0 and waitMs(state.requests, subject.requests - 1) or nil)
  elseif subject.tokens and state.tokens.sum + request.tokens > subject.tokens then
    local most = subject.tokens - request.tokens
    refuse(subject, 'tokens', subject.tokens, most >= 0 and waitMs(state.tokens, most) or nil)
  elseif subject.concurrency and state.running >= subject.concurrency then
    refuse(subject, 'concurrency', subject.concurrency, subject.concurrency > 0 and 1000 or nil)
  else
    for _, what in ipairs({ 'day', 'month' }) do
      local limit, spent = subject[what], state[what]
      if limit and not refusal then
        if spent >= limit or spent + request.nanos > limit then refuse(subject, what, limit, nil)
        elseif spent + state.held + request.nanos > limit then refuse(subject, what, limit, 1000, true) end
      end
    end
  end
end
if not refusal then
  for index, subject in ipairs(request.subjects) do
    for _, what in ipairs({ 'requests', 'tokens' }) do
      local amount = what == 'requests' and 1 or request.tokens
      redis.call('HINCRBY', key(subject.key, what), slot, whole(amount))
      redis.call('EXPIRE', key(subject.key, what), slots + 9)
      local state = states[index][what]
      state.sum = state.sum + amount
      state.kept[#state.kept + 1] = { slot, amount }
    end
    redis.call('ZADD', key(subject.key, 'leases'), nowMs + request.leaseMs, request.id)
    redis.call('HSET', key(subject.key, 'holds'), request.id, whole(request.nanos))
  end
end
local rates = {}
for index, subject in ipairs(request.subjects) do
  for _, what in ipairs({ 'requests', 'tokens' }) do
    if subject[what] then
      local state = states[index][what]
      local remaining = math.max(0, subject[what] - state.sum)
      rates[#rates + 1] = { what = what, limit = subject[what], remaining = remaining, resetMs = waitMs(state, 0) }
    end
  end
end
return cjson.encode({ refusal = refusal, rates = rates, slot = slot })`;

/** Frees a claim, and corrects its tokens in the window that they were counted in. */
export const settleScript = `${shared}
for _, subject in ipairs(request.subjects) do
  redis.call('ZREM', key(subject, 'leases'), request.id)
  redis.call('HDEL', key(subject, 'holds'), request.id)
  local at = request.slot > slot - slots and request.slot or slot
  if at == request.slot or request.more > 0 then
    redis.call('HINCRBY', key(subject, 'tokens'), at, whole(request.more))
    redis.call('EXPIRE', key(subject, 'tokens'), slots + 9)
  end
end
return 1`;

/** Adds money to the sums that are known; others are read from the ledger when they are needed. */
export const spendScript = `${shared}
for _, subject in ipairs(request.subjects) do
  for _, period in ipairs({ request.day, request.month }) do
    local name = key(subject, 'spent:' .. period)
    if redis.call('EXISTS', name) == 1 then redis.call('INCRBY', name, whole(request.nanos)) end
  end
end
return 1`;

/** Prolongs the leases of requests that still run. */
export const renewScript = `${shared}
for _, lease in ipairs(request.leases) do
  for _, subject in ipairs(lease.subjects) do
    redis.call('ZADD', key(subject, 'leases'), 'XX', nowMs + request.leaseMs, lease.id)
  end
end
return 1`;
