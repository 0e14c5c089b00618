/**
 * Each script is one atomic step in Redis. All keys share a hash tag, so that a cluster takes them too.
 *
 * Any clock of day may be moved, Redis's too, so windows and leases run on a time of their own, which only runs forward: the
 * latest that a server tells, who counts on from what it was told last by its own clock that only runs forward. A server that
 * was told nothing yet takes it from where it stands, and adds what has passed since by Redis's clock and by its own, whichever
 * says less: where one of them was moved, a minute may last longer, never shorter.
 */
const shared = `
local request = cjson.decode(ARGV[1])
local function key(subject, name) return KEYS[1] .. subject .. ':' .. name end
local function whole(number) return string.format('%.0f', number) end
`;

const clock = `${shared}
local time = redis.call('TIME')
local redisMs = time[1] * 1000 + math.floor(time[2] / 1000)
local known = redis.call('HMGET', KEYS[1] .. 'clock', 'now', 'redis', 'server')
local nowMs = tonumber(known[1])
if request.nowMs then
  nowMs = math.max(nowMs or 0, request.nowMs)
elseif nowMs then
  local passed = math.min(redisMs - tonumber(known[2]), request.wallMs - tonumber(known[3]))
  nowMs = nowMs + math.max(0, passed)
else
  nowMs = redisMs
end
redis.call('HSET', KEYS[1] .. 'clock', 'now', whole(nowMs), 'redis', whole(redisMs), 'server', whole(request.wallMs))
local slot = math.floor(nowMs / 1000)
local slots = 61
-- Longer than a clock is moved by mistake: Redis forgets by its own. What nobody claims any more is small.
local keptSeconds = 40 * 86400
`;

/**
 * Checks a claim against all subjects, and takes it for all of them or for none. A lease that is over gets one more short one,
 * marked by a fraction in its score: a server that was cut off renews in that time; of a dead one's nothing is left after it.
 */
export const claimScript = `${clock}
local function window(name)
  local entries = redis.call('HGETALL', name)
  local sum, kept = 0, {}
  for index = 1, #entries, 2 do
    local at, amount = tonumber(entries[index]), tonumber(entries[index + 1])
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
if #missing > 0 then return cjson.encode({ nowMs = nowMs, missing = missing }) end

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
      redis.call('EXPIRE', key(subject.key, what), keptSeconds)
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
return cjson.encode({ nowMs = nowMs, refusal = refusal, rates = rates, slot = slot })`;

/**
 * Frees a claim, and corrects its tokens in the window that they were counted in. Does nothing for a claim that Redis doesn't
 * know, since it began empty anew or has been told before: a window must not fall below what is in it.
 */
export const settleScript = `${clock}
for _, subject in ipairs(request.subjects) do
  local known = redis.call('ZREM', key(subject, 'leases'), request.id) == 1
  redis.call('HDEL', key(subject, 'holds'), request.id)
  local at = request.slot > slot - slots and request.slot or slot
  if known and (at == request.slot or request.more > 0) then
    redis.call('HINCRBY', key(subject, 'tokens'), at, whole(request.more))
    redis.call('EXPIRE', key(subject, 'tokens'), keptSeconds)
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

/** Raises a sum to what the ledger says, or begins it with that; 1 when it did. */
export const raiseScript = `${shared}
local name = key(request.subject, 'spent:' .. request.period)
if tonumber(redis.call('GET', name) or '-1') >= request.spent then return 0 end
redis.call('SET', name, whole(request.spent), 'EX', 40 * 86400)
return 1`;

/** Prolongs the leases of requests that still run. */
export const renewScript = `${clock}
for _, lease in ipairs(request.leases) do
  for _, subject in ipairs(lease.subjects) do
    redis.call('ZADD', key(subject, 'leases'), 'XX', nowMs + request.leaseMs, lease.id)
  end
end
return 1`;
