-- Asks what is drawn at random from a file over connections that stay open; one JSON line at the
-- end. A line is a firm's code, which takes the place of CODE in the path; where there is none, it
-- is the body that is posted.
local asked = {}

init = function(arguments)
  local path = arguments[2]
  local headers = {["Authorization"] = "Bearer " .. arguments[3]}
  local posted = not path:find("CODE", 1, true)
  if posted then headers["Content-Type"] = "application/json" end
  math.randomseed(tonumber(arguments[4]))
  for line in io.lines(arguments[1]) do
    asked[#asked + 1] = posted and wrk.format("POST", path, headers, line)
      or wrk.format("GET", (path:gsub("CODE", line)), headers)
  end
end

request = function() return asked[math.random(#asked)] end

done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %.6f, "p50": %.3f, "p99": %.3f, "failed": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
