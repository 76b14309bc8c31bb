-- closures and counters, varargs, multiple assignment
local function counter(start, step)
  local n = start or 0
  step = step or 1
  return function() n = n + step return n end, function() n = start or 0 end
end
local nextn, reset = counter(10, 5)
print(nextn(), nextn(), nextn())
reset()
print(nextn())
local a, b, c = 1, 2
print(a, b, c)
a, b = b, a
print(a, b)
local function swap(x, y) return y, x end
print(swap(1, 2), swap(3, 4))
print((swap(1, 2)))
local t = {swap(1, 2), swap(3, 4)}
print(#t, t[1], t[2], t[3])
local function pack2(...) return {n = select('#', ...), ...} end
local p = pack2(1, nil, 3, nil)
print(p.n, p[1], p[2], p[3])
local function sum(...)
  local s = 0
  for _, v in ipairs{...} do s = s + v end
  return s, select('#', ...)
end
print(sum(1, 2, 3), sum(), (sum(5)))
local fs = {}
for i = 1, 3 do
  local j = i * 10
  fs[i] = function(d) j = j + (d or 0) return i, j end
end
fs[1](5)
print(fs[1](), fs[2](), fs[3](1))
local function compose(...)
  local list = {...}
  return function(x)
    for i = #list, 1, -1 do x = list[i](x) end
    return x
  end
end
print(compose(math.sqrt, function(x) return x + 7 end)(9))
local i = 1
local arr = {}
i, arr[i] = i + 1, 20
print(i, arr[1], arr[2])
local x, y, z = (function() return 1, 2, 3 end)()
print(x, y, z)
do local x = 'inner' print(x) end
print(x)
local memo = setmetatable({}, {__mode = 'k'})
local function fib(n)
  if n < 2 then return n end
  if memo[n] then return memo[n] end
  local r = fib(n - 1) + fib(n - 2)
  memo[n] = r
  return r
end
print(fib(50))
print(select(-1, 'a', 'b', 'c'), select(2, 'a', 'b', 'c'))
