"""The flow of the system on one page: event -> handlers, job kinds, schedules."""
