"""Who did what, of a history as `temporal workflow show --output json` prints it: a line per started activity with
name, attempt and identity of the worker."""

import json
import sys

events = json.load(sys.stdin)["events"]
scheduled = "activityTaskScheduledEventAttributes"
started = "activityTaskStartedEventAttributes"
names = {event["eventId"]: event[scheduled]["activityType"]["name"] for event in events if scheduled in event}
for event in events:
    if started in event:
        of = event[started]
        print(names[of["scheduledEventId"]], of["attempt"], of["identity"])
