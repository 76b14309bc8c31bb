-- package image: turned, warped, filtered, shown; named arguments and tensors for results
-- args: $DIR
local image = require 'image'
local dir = arg[1]
local x = torch.range(1, 12):resize(1, 3, 4):div(12)
print(image.rotate(x, math.pi)[1], image.translate(x, 1, 0)[1][1])
local flow = torch.zeros(2, 3, 4)
flow[2]:fill(1)
print(image.warp(x, flow, 'simple')[1], image.warp(x, flow, 'bilinear', true, 'pad', -1)[1][3])
print(image.gaussian{size = 3, sigma = 0.5, normalize = true}:sum(), image.gaussian(5, 0.3):size(1), image.gaussian1D(3)[2])
print(image.laplacian{width = 3, height = 3}[2][2], image.convolve(torch.ones(1, 4, 4), torch.ones(3, 3), 'same')[1])
-- results into tensors, which take the size
local res = torch.Tensor()
print(image.hflip(res, x) == res, res:size(), image.scale(torch.Tensor(1, 6, 8), x, 'simple')[1][6][8])
print(#image.lena(), #image.fabio(), image.lena():max() <= 1, image.lcn(torch.rand(12, 12)):dim())
print(image.rgb2hsv(torch.Tensor{1, 0, 0}:view(3, 1, 1))[2][1][1], image.rgb2hsl(torch.ones(3, 1, 1))[3][1][1])
print((image.hsl2rgb(image.rgb2hsl(image.lena())) - image.lena()):abs():max() < 1e-9, image.rgb2lab(torch.ones(3, 1, 1))[1][1][1])
local grid = image.toDisplayTensor{input = torch.range(1, 24):resize(6, 1, 2, 2), padding = 2, nrow = 3}
print(grid:size(), grid[1][2][2], grid[1][1][1])
print(image.toDisplayTensor({torch.zeros(2, 2), torch.ones(2, 2)}):size(3))
local bytes = image.compressJPG(image.lena(), 90)
print(bytes:type(), bytes:dim(), (image.decompressJPG(bytes, 3, 'float') - image.lena():float()):abs():mean() < 0.03)
local file = paths.concat(dir, 'Bild ä.png')
image.save(file, image.lena())
print(paths.filep(file), image.getSize(file), image.getPNGsize(file))
print(image.drawRect(torch.zeros(3, 5, 5), 2, 2, 4, 4, {color = {0, 255, 0}})[2], image.drawText(torch.zeros(3, 20, 30), 'ab', 1, 1):sum() > 0)
print(image.minmax{tensor = torch.Tensor{-1, 0, 3}, symm = true}, #image.gaussianpyramid(x, {1, 0.5}), image.jetColormap(4)[4])
print(pcall(image.scale, x, 2, 2, 'cubic'))
