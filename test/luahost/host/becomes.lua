-- a table with the fields of an object becomes that object: torch.setmetatable; __typename of what Python holds
require "nn"
local m = nn.Linear(2, 3)
local t = {}
for k, v in pairs(m) do t[k] = v end
torch.setmetatable(t, torch.typename(m))
print(torch.type(t), t, torch.isTypeOf(t, 'nn.Module'), torch.isTypeOf(t, nn.Linear), t.weight == m.weight, m.__typename, torch.ones(1).__typename)
print(t:forward(torch.ones(2)):size(1), #nn.Sequential():add(t).modules, torch.type(nn.Sequential():add(t):get(1)))
for k, v in pairs(m) do if k:sub(1, 1) == '_' then io.write(k, ' ') end end print()
t.extra = 5
print(t.extra, torch.type(t:clone()), pcall(torch.setmetatable, {}, 'no.Such') == false)
