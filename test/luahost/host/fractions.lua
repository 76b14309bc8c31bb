-- numbers with a fraction as sizes, places and settings of layers: C cuts them
require 'nn'
local x = torch.range(1, 12):resize(3, 4)
local function show(y) io.write(table.concat(y:size():totable(), 'x'), ' ') end
for _, y in ipairs{torch.Tensor(2.5, 3.9), torch.zeros(2.5), torch.ones(5 / 2, 2), x:view(6.5, 2), x:reshape(4, 3.2), x.new(2.5),
                   torch.ones(1):expand(2.5), torch.ones(1):repeatTensor(3.9), torch.eye(2.5), torch.range(1, 5):unfold(1, 2.5, 1.5),
                   x:transpose(1.2, 2.7), torch.DoubleTensor(torch.DoubleStorage(6.5), 1, 2.5), x:narrow(1, 1.5, 2.5)} do
   show(y)
end
print(x[1.5][2.5], x[{2.7, 3.9}], x:size(2.9), x[3.5]:sum())
for _, m in ipairs{nn.Linear(5 / 2, 7 / 2), nn.LookupTable(4.5, 3.5), nn.BatchNormalization(3.5), nn.TemporalConvolution(4.5, 3.2, 2)} do
   show(m.weight)
end
show(nn.SpatialConvolution(3, 8.5, 3, 3, 1, 1, (4 - 1) / 2, 0.5):forward(torch.ones(3, 8, 8)))
show(nn.SpatialMaxPooling(2.5, 2, 2, 2):forward(torch.ones(3, 8, 8)))
show(nn.Narrow(1, 1, 1.5):forward(x))
show(nn.Select(1, 1.5):forward(x))
print(nn.Dropout(0.5), pcall(torch.zeros, -1.5) == false, pcall(torch.zeros, 0 / 0) == false)
