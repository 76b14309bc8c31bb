-- covers: what pcall gives for errors of Lua's own, with places and names; levels; errors in called functions
local function strip(m) return (tostring(m):gsub('^.*[/\\]', '')) end
local function try(f, ...)
  local r = {pcall(f, ...)}
  if r[1] then return 'fine', unpack(r, 2) end
  return 'failed', strip(r[2])
end
local t, u = {}, nil
print(try(function() return t.a.b end))
print(try(function() return u.x end))
print(try(function() return t.list[3].y end))
print(try(function() u[1] = 2 end))
print(try(function() return missing() end))
print(try(function() return t:go() end))
print(try(function() return u + 1 end))
print(try(function() return t.n * 2 end))
print(try(function() return {} + 1 end))
print(try(function() return 'x' .. u end))
print(try(function() return 'x' .. {} end))
print(try(function() return 1 < 'x' end))
print(try(function() return {} < {} end))
print(try(function() return #u end))
print(try(function() t[nil] = 1 end))
print(try(function() return ('x'):bad() end))
print(try(function(a, b) return a + b, a end, 1, 2))
print(try(error))
print(try(function() error('here') end))
print(try(function() error('bare', 0) end))
print(try(function() assert(nil, 'because') end))
local function where(level) error('deep', level) end
local function outer(level)
  where(level)
end
for level = 0, 2 do print(level, try(outer, level)) end
local ok, m = pcall(function()
  for i = 1, 5 do

    if i > 3 then error(string.format('no entry %d', i)) end
  end
end)
print(ok, strip(m))
local function guard(f, handlers)
  local res = {pcall(f)}
  if res[1] then return select(2, unpack(res)) end
  return (type(res[2]) == 'table' and handlers[res[2].kind] or handlers.default)(res[2])
end
print(guard(function() error{kind = 'io', 'file', 3} end, {io = function(e) return e[1], e[2] end}))
print(guard(function() local n = nil; n() end, {default = function(e) return strip(e) end}))
print(guard(function() return 1, 2 end, {}))
