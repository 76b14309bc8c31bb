-- tensors of tables that were filled in another order, or begin as records
require 'torch'

local grid = {}
for i = 3, 1, -1 do grid[i] = {i, i * i} end
print(torch.Tensor(grid))

places = {count = 2}
table.insert(places, 5)
table.insert(places, 7)
print(places.count, torch.LongTensor(places):sum())
print(torch.IntTensor({[2] = 4, [1] = 6})[1])
