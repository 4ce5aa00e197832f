"""From raw text to accepted rows: conversion, merging, outliers, and the account of every row."""
