-- moses: functional helpers for tables. Functions get (key, value), as in its first versions.
local H, M = select(2, ...), {}

local function values_of(t)
   local r = {}
   for _, v in pairs(t) do r[#r + 1] = v end
   return r
end

-- tables
function M.each(t, f, ...) for k, v in pairs(t) do f(k, v, ...) end end
function M.eachi(t, f, ...) for i = 1, #t do f(i, t[i], ...) end end
function M.map(t, f, ...)
   local r = {}
   for k, v in pairs(t) do
      local value, key = f(k, v, ...)
      r[key ~= nil and value or k] = key == nil and value or key
   end
   return r
end
function M.reduce(t, f, state)
   for _, v in pairs(t) do
      if state == nil then state = v else state = f(state, v) end
   end
   return state
end
function M.reduceRight(t, f, state) return M.reduce(M.reverse(t), f, state) end
function M.filter(t, f, ...)
   local r, list = {}, #t > 0
   for k, v in pairs(t) do
      if f(k, v, ...) then r[list and #r + 1 or k] = v end
   end
   return r
end
function M.reject(t, f, ...)
   local args = {...}
   return M.filter(t, function(k, v) return not f(k, v, unpack(args)) end)
end
function M.select(...) return M.filter(...) end
function M.detect(t, value)
   for k, v in pairs(t) do
      if v == value or (type(value) == 'function' and value(v)) or (type(value) == 'table' and M.isEqual(v, value)) then
         return k
      end
   end
end
function M.contains(t, value) return M.detect(t, value) ~= nil end
function M.include(...) return M.contains(...) end
function M.find(t, value, first)
   for i = first or 1, #t do if M.isEqual(t[i], value) then return i end end
end
function M.all(t, f, ...)
   for k, v in pairs(t) do if not f(k, v, ...) then return false end end
   return true
end
function M.count(t, value)
   local n = 0
   for _, v in pairs(t) do if value == nil or M.isEqual(v, value) then n = n + 1 end end
   return n
end
function M.size(...)
   local t = ...
   if type(t) ~= 'table' then return select('#', ...) end
   local n = 0
   for _ in pairs(t) do n = n + 1 end
   return n
end
function M.max(t, f, ...)
   local best, mark
   for k, v in pairs(t) do
      local m = f and f(v, ...) or v
      if mark == nil or m > mark then best, mark = v, m end
   end
   return best
end
function M.min(t, f, ...)
   local best, mark
   for k, v in pairs(t) do
      local m = f and f(v, ...) or v
      if mark == nil or m < mark then best, mark = v, m end
   end
   return best
end
function M.groupBy(t, f, ...)
   local r = {}
   for k, v in pairs(t) do
      local key = f(k, v, ...)
      r[key] = r[key] or {}
      table.insert(r[key], v)
   end
   return r
end
function M.countBy(t, f, ...)
   local r = {}
   for k, v in pairs(t) do
      local key = f(k, v, ...)
      r[key] = (r[key] or 0) + 1
   end
   return r
end
function M.pluck(t, key)
   local r = {}
   for _, v in ipairs(t) do if v[key] ~= nil then r[#r + 1] = v[key] end end
   return r
end
function M.sort(t, before) table.sort(t, before) return t end
function M.sortBy(t, f)
   local r = M.slice(t, 1, #t)
   if type(f) == 'string' then local name = f f = function(v) return v[name] end end
   table.sort(r, function(a, b) return f(a) < f(b) end)
   return r
end
function M.shuffle(t)
   local r = values_of(t)
   for i = #r, 2, -1 do
      local j = math.random(i)
      r[i], r[j] = r[j], r[i]
   end
   return r
end
function M.toArray(...) return {...} end
function M.sameKeys(a, b)
   for k in pairs(a) do if b[k] == nil then return false end end
   for k in pairs(b) do if a[k] == nil then return false end end
   return true
end

-- arrays
function M.slice(t, first, last)
   local r = {}
   for i = first or 1, last or #t do r[#r + 1] = t[i] end
   return r
end
function M.sub(...) return M.slice(...) end
function M.first(t, n) return M.slice(t, 1, math.min(n or 1, #t)) end
function M.initial(t, n) return M.slice(t, 1, n and #t - math.min(n, #t) or #t - 1) end
function M.last(t, n) return M.slice(t, n and #t - math.min(n, #t) + 1 or 2, #t) end
function M.rest(t, i) return M.slice(t, i or 1, #t) end
function M.nth(t, i) return t[i] end
function M.push(t, ...)
   for _, v in ipairs{...} do t[#t + 1] = v end
   return t
end
function M.append(a, b)
   local r = {}
   for _, t in ipairs{a, b} do for _, v in ipairs(t) do r[#r + 1] = v end end
   return r
end
function M.pop(t, n)
   local r = {}
   for _ = 1, math.min(n or 1, #t) do r[#r + 1] = table.remove(t, 1) end
   return unpack(r)
end
function M.unshift(t, n)
   local r = {}
   for _ = 1, math.min(n or 1, #t) do r[#r + 1] = table.remove(t) end
   return unpack(r)
end
function M.pull(t, ...)
   for _, value in ipairs{...} do
      for i = #t, 1, -1 do if M.isEqual(t[i], value) then table.remove(t, i) end end
   end
   return t
end
function M.removeRange(t, first, last)
   for _ = first or 1, last or #t do table.remove(t, first or 1) end
   return t
end
function M.reverse(t)
   local r = {}
   for i = #t, 1, -1 do r[#r + 1] = t[i] end
   return r
end
function M.range(...)
   local first, last, step = ...
   if last == nil then first, last = 0, first end
   if first == nil then return {} end
   if select('#', ...) == 1 then first = 1 end
   local r = {}
   for i = first, last, step or (last < first and -1 or 1) do r[#r + 1] = i end
   return r
end
function M.rep(value, n)
   local r = {}
   for i = 1, n do r[i] = value end
   return r
end
function M.unique(t)
   local r = {}
   for _, v in ipairs(t) do if not M.find(r, v) then r[#r + 1] = v end end
   return r
end
M.uniq = M.unique
function M.flatten(t, shallow)
   local r = {}
   for _, v in ipairs(t) do
      if type(v) == 'table' then
         for _, w in ipairs(shallow and v or M.flatten(v)) do r[#r + 1] = w end
      else
         r[#r + 1] = v
      end
   end
   return r
end
function M.compact(t) return M.reject(t, function(_, v) return not v end) end
function M.difference(t, other)
   return M.filter(t, function(_, v) return not M.contains(other, v) end)
end
M.without = M.difference
function M.intersection(t, other)
   return M.filter(t, function(_, v) return M.contains(other, v) end)
end
function M.union(...) return M.unique(M.flatten({...}, true)) end
function M.zip(...)
   local lists, r = {...}, {}
   local n = 0
   for _, list in ipairs(lists) do n = math.max(n, #list) end
   for i = 1, n do r[i] = M.pluck(lists, i) end
   return r
end
function M.chunk(t, f)
   local r, before = {}, nil
   for i, v in ipairs(t) do
      local mark = f(i, v)
      if #r == 0 or mark ~= before then r[#r + 1] = {} end
      table.insert(r[#r], v)
      before = mark
   end
   return r
end
function M.indexOf(t, value) for i = 1, #t do if t[i] == value then return i end end end
function M.lastIndexOf(t, value) for i = #t, 1, -1 do if t[i] == value then return i end end end
function M.concat(t, separator, first, last)
   local r = {}
   for i, v in ipairs(t) do r[i] = tostring(v) end
   return table.concat(r, separator, first, last)
end
function M.sum(t) local s = 0 for _, v in ipairs(t) do s = s + v end return s end
function M.mean(t) return M.sum(t) / #t end

-- objects and functions
function M.keys(t) local r = {} for k in pairs(t) do r[#r + 1] = k end return r end
M.values = values_of
function M.pairs(t) local r = {} for k, v in pairs(t) do r[#r + 1] = {k, v} end return r end
function M.extend(t, ...)
   for _, other in ipairs{...} do for k, v in pairs(other) do t[k] = v end end
   return t
end
function M.clone(t, shallow)
   if type(t) ~= 'table' then return t end
   local r = {}
   for k, v in pairs(t) do r[k] = shallow and v or M.clone(v) end
   return r
end
function M.has(t, key) return t[key] ~= nil end
function M.pick(t, ...)
   local r = {}
   for _, k in ipairs(M.flatten{...}) do r[k] = t[k] end
   return r
end
function M.omit(t, ...)
   local r, out = M.clone(t, true), M.flatten{...}
   for _, k in ipairs(out) do r[k] = nil end
   return r
end
function M.invert(t) local r = {} for k, v in pairs(t) do r[v] = k end return r end
function M.isEqual(a, b)
   if type(a) ~= 'table' or type(b) ~= 'table' then return a == b end
   for k, v in pairs(a) do if not M.isEqual(v, b[k]) then return false end end
   for k in pairs(b) do if a[k] == nil then return false end end
   return true
end
function M.identity(v) return v end
function M.once(f)
   local done, kept = false
   return function(...)
      if not done then done, kept = true, {...} end
      return f(unpack(kept))
   end
end
function M.memoize(f)
   local kept = {}
   return function(x)
      if kept[x] == nil then kept[x] = f(x) end
      return kept[x]
   end
end
function M.compose(...)
   local fs = {...}
   return function(...)
      local r = {...}
      for i = #fs, 1, -1 do r = {fs[i](unpack(r))} end
      return unpack(r)
   end
end
function M.bind(f, v) return function(...) return f(v, ...) end end
function M.times(n, f, ...)
   local r = {}
   for i = 1, n do r[i] = f(i, ...) end
   return r
end
function M.isTable(v) return type(v) == 'table' end
function M.isString(v) return type(v) == 'string' end
function M.isFunction(v) return type(v) == 'function' end
function M.isNumber(v) return type(v) == 'number' end
function M.isBoolean(v) return type(v) == 'boolean' end
function M.isNil(v) return v == nil end
function M.isNaN(v) return v ~= v end
function M.isFinite(v) return type(v) == 'number' and v > -math.huge and v < math.huge end
function M.isInteger(v) return type(v) == 'number' and math.floor(v) == v end
function M.isCallable(v) return type(v) == 'function' or (getmetatable(v) and getmetatable(v).__call ~= nil) or false end
function M.isArray(v)
   if type(v) ~= 'table' then return false end
   return M.size(v) == #v
end
function M.isEmpty(v) return v == nil or v == '' or (type(v) == 'table' and next(v) == nil) end

assert(loadstring(H.rock_text('moses.functions'), '=moses'))(M)
return M
