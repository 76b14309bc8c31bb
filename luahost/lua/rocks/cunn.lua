-- cunn: its class is one of nn's.
local cunn = ...
nn.DataParallelTable = nn.DataParallelTable or cunn.DataParallelTable
return cunn
