-- goto: the next round, out of nested loops, back to a label, in repeat, across blocks
for i = 1, 10 do
  if i % 3 ~= 0 then goto continue end
  io.write(i, ' ')
  ::continue::
end
print()
for i = 1, 3 do
  for j = 1, 3 do
    if j == 2 then goto next_j end
    if i == 2 then goto next_i end -- on with the outer loop
    io.write(i, '-', j, ' ')
    ::next_j::
  end
  ::next_i::
end
print()
local function find(rows, wanted)
  local at
  for i, row in ipairs(rows) do
    for j, value in ipairs(row) do
      if value == wanted then
        at = i .. ',' .. j
        goto done
      end
    end
  end
  at = 'nowhere'
  ::done::
  return at
end
print(find({{1, 2}, {3, 4}}, 3), find({{1}}, 9))
local n = 0
::again::
n = n + 1
if n < 4 then goto again end
print(n)
local k = 0
repeat
  k = k + 1
  if k % 2 == 0 then goto skip end
  io.write(k, ';')
  ::skip::
until k >= 7
print()
local tries = 0
while true do
  tries = tries + 1
  if tries > 3 then break end
  do
    if tries == 2 then goto over end
    io.write('try ', tries, ' ')
  end
  ::over::
end
print(tries)
