-- Penlight's tablex: more functions of tables.
local tablex = {}

local function callable(f)
   if type(f) == 'string' then return function(a, b)
      if f == '+' then return a + b elseif f == '*' then return a * b elseif f == '..' then return a .. b end
      return a[f](a, b)
   end end
   return f
end

function tablex.copy(t)
   local r = {}
   for k, v in pairs(t) do r[k] = v end
   return r
end
function tablex.deepcopy(t)
   if type(t) ~= 'table' then return t end
   local r = {}
   for k, v in pairs(t) do r[tablex.deepcopy(k)] = tablex.deepcopy(v) end
   return setmetatable(r, getmetatable(t))
end
function tablex.keys(t)
   local r = {}
   for k in pairs(t) do r[#r + 1] = k end
   return r
end
function tablex.values(t)
   local r = {}
   for _, v in pairs(t) do r[#r + 1] = v end
   return r
end
function tablex.size(t)
   local n = 0
   for _ in pairs(t) do n = n + 1 end
   return n
end
function tablex.map(f, t, ...)
   local r = {}
   f = callable(f)
   for k, v in pairs(t) do r[k] = f(v, ...) end
   return r
end
function tablex.imap(f, t, ...)
   local r = {}
   f = callable(f)
   for i = 1, #t do r[i] = f(t[i], ...) end
   return r
end
function tablex.map2(f, a, b, ...)
   local r = {}
   f = callable(f)
   for k, v in pairs(a) do r[k] = f(v, b[k], ...) end
   return r
end
function tablex.filter(t, keep, arg)
   local r = {}
   for _, v in ipairs(t) do if keep(v, arg) then r[#r + 1] = v end end
   return r
end
function tablex.reduce(f, t, start)
   f = callable(f)
   local first = 1
   if start == nil then start, first = t[1], 2 end
   for i = first, #t do start = f(start, t[i]) end
   return start
end
function tablex.foreach(t, f, ...) for k, v in pairs(t) do f(v, k, ...) end end
function tablex.foreachi(t, f, ...) for i, v in ipairs(t) do f(v, i, ...) end end
function tablex.find(t, value, first)
   for i = first or 1, #t do if t[i] == value then return i end end
end
function tablex.rfind(t, value, first)
   for i = first or #t, 1, -1 do if t[i] == value then return i end end
end
function tablex.find_if(t, test, arg)
   for i = 1, #t do
      local found = test(t[i], arg)
      if found then return i, found end
   end
end
function tablex.search(t, value) for k, v in pairs(t) do if v == value then return k end end end
function tablex.update(t, other)
   for k, v in pairs(other) do t[k] = v end
   return t
end
function tablex.merge(a, b, both)
   local r = {}
   for k, v in pairs(a) do if both or b[k] ~= nil then r[k] = v end end
   if both then for k, v in pairs(b) do r[k] = v end end
   return r
end
function tablex.union(a, b) return tablex.merge(a, b, true) end
function tablex.difference(a, b)
   local r = {}
   for k, v in pairs(a) do if b[k] == nil then r[k] = v end end
   return r
end
function tablex.index_by(t, places)
   local r = {}
   for i, p in ipairs(places) do r[i] = t[p] end
   return r
end
function tablex.makeset(t)
   local r = {}
   for _, v in ipairs(t) do r[v] = true end
   return r
end
function tablex.range(first, last, step)
   local r = {}
   for i = first, last, step or 1 do r[#r + 1] = i end
   return r
end
function tablex.sub(t, first, last)
   local n = #t
   first, last = first or 1, last or n
   if first < 0 then first = n + first + 1 end
   if last < 0 then last = n + last + 1 end
   local r = {}
   for i = first, math.min(last, n) do r[#r + 1] = t[i] end
   return r
end
function tablex.insertvalues(t, ...)
   local place, values = ...
   if values == nil then place, values = #t + 1, place end
   for i = 1, #values do table.insert(t, place + i - 1, values[i]) end
   return t
end
function tablex.removevalues(t, first, last)
   for _ = first or 1, last or first do table.remove(t, first) end
   return t
end
function tablex.zip(...)
   local r, lists = {}, {...}
   for i = 1, #lists[1] do
      r[i] = {}
      for j, list in ipairs(lists) do r[i][j] = list[i] end
   end
   return r
end
function tablex.deepcompare(a, b)
   if type(a) ~= 'table' or type(b) ~= 'table' then return a == b end
   for k, v in pairs(a) do if not tablex.deepcompare(v, b[k]) then return false end end
   for k in pairs(b) do if a[k] == nil then return false end end
   return true
end
function tablex.sort(t, before)
   local keys, i = tablex.keys(t), 0
   table.sort(keys, before)
   return function()
      i = i + 1
      if keys[i] ~= nil then return keys[i], t[keys[i]] end
   end
end

function tablex.pairmap(f, t, ...)
   local r = {}
   f = callable(f)
   for k, v in pairs(t) do
      local value, key = f(k, v, ...)
      r[key == nil and #r + 1 or key] = value
   end
   return r
end
function tablex.mapn(f, ...)
   local lists, r = {...}, {}
   local n = math.huge
   for _, list in ipairs(lists) do n = math.min(n, #list) end
   for i = 1, n do
      local args = {}
      for j, list in ipairs(lists) do args[j] = list[i] end
      r[i] = f(unpack(args, 1, #lists))
   end
   return r
end
function tablex.imap2(f, a, b, ...)
   local r = {}
   f = callable(f)
   for i = 1, math.min(#a, #b) do r[i] = f(a[i], b[i], ...) end
   return r
end
function tablex.transform(f, t, ...)
   f = callable(f)
   for k, v in pairs(t) do t[k] = f(v, ...) end
   return t
end
function tablex.intersection(a, b) return tablex.merge(a, b) end
function tablex.index_map(t)
   local r = {}
   for i, v in ipairs(t) do r[v] = i end
   return r
end
function tablex.count_map(t, same)
   local r = {}
   for i, v in ipairs(t) do
      local key = v
      if same then for known in pairs(r) do if same(known, v) then key = known end end end
      r[key] = (r[key] or 0) + 1
   end
   return r
end
function tablex.compare(a, b, same)
   if #a ~= #b then return false end
   same = same or function(x, y) return x == y end
   for i = 1, #a do if not same(a[i], b[i]) then return false end end
   return true
end
function tablex.compare_no_order(a, b, same)
   if #a ~= #b then return false end
   local left = tablex.sub(b)
   same = same or function(x, y) return x == y end
   for _, v in ipairs(a) do
      local i = tablex.find_if(left, function(w) return same(v, w) end)
      if not i then return false end
      table.remove(left, i)
   end
   return true
end
function tablex.sortv(t, before)
   local keys, i = tablex.keys(t), 0
   before = before or function(x, y) return x < y end
   table.sort(keys, function(x, y) return before(t[x], t[y]) end)
   return function()
      i = i + 1
      if keys[i] ~= nil then return keys[i], t[keys[i]] end
   end
end
function tablex.icopy(to, from, place, first, n)
   place, first = place or 1, first or 1
   for i = 0, (n or #from - first + 1) - 1 do to[place + i] = from[first + i] end
   return to
end
tablex.move = tablex.icopy
function tablex.set(t, value, first, last)
   for i = first or 1, last or #t do t[i] = value end
end
function tablex.new(n, value)
   local r = {}
   for i = 1, n do r[i] = value end
   return r
end
function tablex.clear(t, first)
   for i = #t, first or 1, -1 do t[i] = nil end
end
function tablex.readonly(t)
   return setmetatable({}, {__index = t, __newindex = function() error('this table is read-only', 2) end,
                            __pairs = function() return pairs(t) end})
end

return tablex
