-- tables: holes, sort with comparators, insert and remove, length, pairs over arrays
local t = {5, 2, 8, 1}
table.sort(t)
print(table.concat(t, ' '))
table.sort(t, function(a, b) return a > b end)
print(table.concat(t, ' '), table.concat(t, '-', 2, 3))
local people = {{name = 'Ann', age = 30}, {name = 'Bob', age = 25}, {name = 'Cid', age = 30}}
table.sort(people, function(a, b)
  if a.age ~= b.age then return a.age < b.age end
  return a.name > b.name
end)
for i, p in ipairs(people) do io.write(i, ':', p.name, ' ') end
print()
table.insert(t, 7)
table.insert(t, 1, 0)
print(#t, t[1], t[#t], table.remove(t), table.remove(t, 1), #t)
t[#t + 1] = 'end'
t[#t] = nil
print(#t)
local h = {1, 2, 3, nil}
print(#h)
h[#h + 1] = 4
print(#h, h[4])
for k, v in pairs({10, 20, 30}) do io.write(k, '=', v, ' ') end
print()
local m = {a = 1}
m.b, m['c d'] = 2, 3
m.a = nil
local keys = {}
for k in pairs(m) do keys[#keys + 1] = k end
table.sort(keys)
print(table.concat(keys, ','), m.a, m['c d'])
local grid = {}
for i = 1, 3 do
  grid[i] = {}
  for j = 1, 3 do grid[i][j] = i * j end
end
print(grid[2][3], #grid, #grid[1])
for i = 10, 1, -3 do io.write(i, ' ') end
print()
for x = 0, 1, 0.25 do io.write(x, ' ') end
print()
for i = 3, 1 do print('never') end
local i = 0
repeat
  local done = i >= 3
  i = i + 1
until done
print(i)
while true do
  i = i - 1
  if i < 0 then break end
end
print(i, next({}), next({5}), unpack({1, 2, 3}, 2))
print(-7 % 3, 7 % -3, -7 % -3, 5.5 % 2, math.floor(-7 / 2), math.fmod(-7, 3), -2 ^ 2, 2 ^ -1)
print(math.max(3, 9, 4), math.min(2, -1), math.abs(-4), math.huge, -math.huge, math.pi)
print(math.floor(3.7), math.ceil(3.2), math.modf(3.75), math.ldexp(1, 4), math.frexp(8))
print(#'abc', not nil, not 0, nil == false, 1 and 2, nil and 1, false or nil, nil or 'x')
local set = {}
for _, w in ipairs{'a', 'b', 'a'} do set[w] = (set[w] or 0) + 1 end
print(set.a, set.b, set.c)
local zero = {[0] = 'z', 'one', 'two'}
print(zero[0], #zero, zero[1])
print(table.getn and #{1, 2}, table.maxn{1, 2, [10] = 3})
local nested = {1, {2, {3, 4}}, x = {y = {z = 5}}}
print(nested[2][2][2], nested.x.y.z, nested.x['y'].z)
local rows = {}
for line in ('1,2;3,'):gmatch('[^;]+') do
  local a, b = line:match('^(.-),(.*)$')
  rows[#rows + 1] = {a, tonumber(b)}
end
print(#rows[1], #rows[2])
