-- moses: functions of functions, chains, other names, and what is asked for less often.
local M = ...

-- tables
function M.clear(t)
   for k in pairs(t) do t[k] = nil end
   return t
end
function M.at(t, ...)
   local r = {}
   for _, key in ipairs{...} do if M.has(t, key) then r[#r + 1] = t[key] end end
   return r
end
function M.countf(t, f, ...) return M.size(M.filter(t, f, ...)) end
function M.cycle(t, n)
   local rounds, n, key, value = 0, n or 1, nil, nil
   return function()
      key, value = next(t, key)
      if key == nil then
         rounds = rounds + 1
         if rounds >= n then return nil end
         key, value = next(t)
      end
      return key, value
   end
end
function M.mapReduce(t, f, state)
   local r = {}
   for k, v in pairs(t) do
      state = state == nil and v or f(state, v)
      r[k] = state
   end
   return r
end
function M.mapReduceRight(t, f, state) return M.mapReduce(M.reverse(t), f, state) end
local function matches(v, properties)
   for key in pairs(properties) do if v[key] ~= properties[key] then return false end end
   return true
end
function M.where(t, properties)
   local r = M.filter(t, function(_, v) return matches(v, properties) end)
   return #r > 0 and r or nil
end
function M.findWhere(t, properties)
   local key = M.detect(t, function(v) return matches(v, properties) end)
   return key and t[key]
end
function M.invoke(t, method, ...)
   local args = {...}
   return M.map(t, function(_, v)
      local f = type(v) == 'table' and v[method] or method
      if type(f) ~= 'function' then return v end
      return (f(v, unpack(args)))
   end)
end
function M.same(a, b)
   return M.all(a, function(_, v) return M.contains(b, v) end) and M.all(b, function(_, v) return M.contains(a, v) end)
end
function M.containsKeys(t, other)
   for key in pairs(other) do if t[key] == nil then return false end end
   return true
end

-- arrays
function M.sample(t, n) return M.first(M.shuffle(t), n or 1) end
function M.sampleProb(t, p) return M.filter(t, function() return math.random() < p end) end
function M.fill(t, value, first, last)
   for i = first or 1, last or #t do t[i] = value end
   return t
end
function M.selectWhile(t, f, ...)
   local r = {}
   for i, v in ipairs(t) do
      if not f(i, v, ...) then break end
      r[i] = v
   end
   return r
end
function M.dropWhile(t, f, ...) return M.slice(t, #M.selectWhile(t, f, ...) + 1, #t) end
function M.sortedIndex(t, value, before, sorted)
   before = before or function(a, b) return a < b end
   if sorted then table.sort(t, before) end
   for i = 1, #t do if not before(t[i], value) then return i end end
   return #t + 1
end
function M.findIndex(t, f, ...) for i = 1, #t do if f(i, t[i], ...) then return i end end end
function M.findLastIndex(t, f, ...) for i = #t, 1, -1 do if f(i, t[i], ...) then return i end end end
function M.addTop(t, ...)
   for _, v in ipairs{...} do table.insert(t, 1, v) end
   return t
end
function M.symmetricDifference(a, b) return M.append(M.difference(a, b), M.difference(b, a)) end
function M.isunique(t) return #t == #M.unique(t) end
function M.interleave(...) return M.flatten(M.zip(...), true) end
function M.interpose(value, t)
   local r = {}
   for i, v in ipairs(t) do
      if i > 1 then r[#r + 1] = value end
      r[#r + 1] = v
   end
   return r
end
function M.partition(t, n, pad)
   local i = 1
   return function()
      if i > #t then return nil end
      local part = M.slice(t, i, math.min(i + n - 1, #t))
      i = i + n
      while pad ~= nil and #part < n do part[#part + 1] = pad end
      return part
   end
end
local function permuted(t, n, give)
   if n == 0 then give(M.clone(t, true)) end
   for i = 1, n do
      t[n], t[i] = t[i], t[n]
      permuted(t, n - 1, give)
      t[n], t[i] = t[i], t[n]
   end
end
function M.permutation(t)
   return coroutine.wrap(function() permuted(t, #t, coroutine.yield) end)
end
function M.median(t)
   local sorted = M.sort(M.slice(t, 1, #t))
   local n = #sorted
   if n == 0 then return nil end
   return n % 2 == 1 and sorted[(n + 1) / 2] or (sorted[n / 2] + sorted[n / 2 + 1]) / 2
end

-- functions
function M.constant(value) return function() return value end end
function M.before(f, n)
   local calls, kept = 0, {}
   return function(...)
      calls = calls + 1
      if calls <= n then kept = {...} end
      return f(unpack(kept))
   end
end
function M.after(f, n)
   local calls = 0
   return function(...)
      calls = calls + 1
      if calls >= n then return f(...) end
   end
end
function M.pipe(value, ...) return M.compose(...)(value) end
function M.complement(f) return function(...) return not f(...) end end
function M.juxtapose(value, ...)
   local r = {}
   for i, f in ipairs{...} do r[i] = f(value) end
   return unpack(r)
end
function M.wrap(f, wrapper) return function(...) return wrapper(f, ...) end end
function M.bind2(f, v) return function(x, ...) return f(x, v, ...) end end
function M.bindn(f, ...)
   local bound = {...}
   return function(...) return f(unpack(M.append(bound, {...}))) end
end
function M.bindAll(object, ...)
   for _, name in ipairs{...} do object[name] = M.bind(object[name], object) end
   return object
end
local last_id = -1
function M.uniqueId(template)
   last_id = last_id + 1
   if type(template) == 'string' then return template:format(last_id) end
   return template and template(last_id) or last_id
end
function M.iterator(f, value)
   return function()
      value = f(value)
      return value
   end
end
function M.array(...)
   local r = {}
   for v in ... do r[#r + 1] = v end
   return r
end
function M.flip(f) return function(...) return f(unpack(M.reverse{...})) end end
function M.over(...)
   local fs = {...}
   return function(...)
      local r = {}
      for i, f in ipairs(fs) do r[i] = f(...) end
      return r
   end
end
function M.overEvery(...)
   local all = M.over(...)
   return function(...) return M.all(all(...), function(_, v) return v end) end
end
function M.overSome(...)
   local all = M.over(...)
   return function(...) return M.any(all(...), function(v) return v end) end
end
function M.overArgs(f, ...)
   local changes = {...}
   return function(...)
      local args = {...}
      for i, change in ipairs(changes) do if args[i] ~= nil then args[i] = change(args[i]) end end
      return f(unpack(args))
   end
end
-- '_' stands for an argument that comes later
local function filled(places, given)
   local r, next_given = {}, 1
   for i, v in ipairs(places) do
      r[i] = v
      if v == '_' then r[i], next_given = given[next_given], next_given + 1 end
   end
   return r, M.slice(given, next_given, #given)
end
function M.partial(f, ...)
   local places = {...}
   return function(...)
      local args, rest = filled(places, {...})
      return f(unpack(M.append(args, rest)))
   end
end
function M.partialRight(f, ...)
   local places = {...}
   return function(...)
      local args, rest = filled(places, {...})
      return f(unpack(M.append(rest, args)))
   end
end
function M.curry(f, n)
   n = n or 2
   local function take(args)
      return function(x)
         local all = M.append(args, {x})
         if #all >= n then return f(unpack(all)) end
         return take(all)
      end
   end
   return take({})
end
function M.time(f, ...)
   local start = os.clock()
   local r = {f(...)}
   return os.clock() - start, unpack(r)
end

-- objects
M.kvpairs = M.pairs
function M.toObj(pairs_of)
   local r = {}
   for _, pair in ipairs(pairs_of) do r[pair[1]] = pair[2] end
   return r
end
function M.property(key) return function(t) return t[key] end end
function M.propertyOf(t) return function(key) return t[key] end end
function M.toBoolean(v) return not not v end
function M.functions(t)
   local r = {}
   for key, v in pairs(t or M) do if type(v) == 'function' then r[#r + 1] = key end end
   table.sort(r)
   return r
end
function M.tap(t, f, ...)
   f(t, ...)
   return t
end
function M.template(t, defaults)
   for key, v in pairs(defaults or {}) do if t[key] == nil then t[key] = v end end
   return t
end
function M.result(t, method)
   local v = t[method]
   if M.isCallable(v) then return v(t) end
   return v
end
function M.isIterable(v) return (pcall(pairs, v)) end

-- the same under other names
for name, same in pairs{
   forEach = 'each', forEachi = 'eachi', collect = 'map', inject = 'reduce', foldl = 'reduce', injectr = 'reduceRight',
   foldr = 'reduceRight', mapr = 'mapReduce', maprr = 'mapReduceRight', any = 'include', some = 'include',
   discard = 'reject', every = 'all', takeWhile = 'selectWhile', rejectWhile = 'dropWhile', shift = 'pop', remove = 'pull',
   rmRange = 'removeRange', chop = 'removeRange', head = 'first', take = 'first', tail = 'rest', diff = 'difference',
   symdiff = 'symmetricDifference', xor = 'symmetricDifference', isuniq = 'isunique', transpose = 'zip', part = 'partition',
   perm = 'permutation', mirror = 'invert', join = 'concat', cache = 'memoize', juxt = 'juxtapose', uid = 'uniqueId',
   methods = 'functions', choose = 'pick', drop = 'omit', defaults = 'template', compare = 'isEqual',
} do
   M[name] = M[same]
end

-- chain(x):map(f):reduce(g):value()
local Chain = {}
Chain.__index = function(chain, name)
   local f = Chain[name] or M[name]
   if name == 'value' then return function(self) return rawget(self, 'held') end end
   return f and function(self, ...) return M.chain(f(rawget(self, 'held'), ...)) end
end
function M.chain(value) return setmetatable({held = value}, Chain) end
setmetatable(M, {__call = function(_, value) return M.chain(value) end})

function M.import(target, quiet)
   target = target or _G
   for name, f in pairs(M) do
      if type(f) == 'function' and not (quiet and rawget(target, name) ~= nil) then target[name] = f end
   end
   return target
end
